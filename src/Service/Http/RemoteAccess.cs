using System.Net;
using System.Net.Sockets;

namespace GdmOptEtq.Service.Http;

/// <summary>
/// The only way out of the service: to hosts that the operator has listed, over a connection to the very address that was checked, without following a
/// redirect by itself.
/// </summary>
public sealed class RemoteAccess : IDisposable
{
    private const int MaximumRedirects = 5;

    private readonly HttpClient _client;

    public RemoteAccess(ServiceSettings settings)
    {
        HrefAllow = settings.HrefAllow;
        CallbackAllow = settings.CallbackAllow;
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            ConnectCallback = ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        };
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Origins (https://host[:port]) from which inputs may be fetched.</summary>
    public IReadOnlyList<string> HrefAllow { get; }

    /// <summary>Origins to which callbacks may go.</summary>
    public IReadOnlyList<string> CallbackAllow { get; }

    /// <summary>Why an address is not on the list, one sentence with the remedy; null when it is.</summary>
    /// <param name="setting">Name of the setting that holds the list.</param>
    public static string? Refusal(string address, IReadOnlyList<string> allowed, string setting)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
            return "A link is not a plain http or https address: give one, without a user name in it.";
        return IsAllowed(uri, allowed)
            ? null
            : $"Links to {uri.Scheme}://{uri.Authority} are not allowed here: ask the operator to add it to the setting {setting}, or upload the product.";
    }

    /// <summary>Sends a request, following redirects only to listed hosts; the headers of the answer are read, its body is not.</summary>
    /// <exception cref="HttpRequestException">No answer, or a redirect that is not allowed.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri address, IReadOnlyList<string> allowed, CancellationToken cancellation)
    {
        for (int hop = 0; hop <= MaximumRedirects; hop++)
        {
            if (!IsAllowed(address, allowed))
                throw new HttpRequestException($"{address.Host} is not on the list of allowed hosts");
            var answer = await _client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } next)
                return answer;
            answer.Dispose();
            address = new Uri(address, next);
        }

        throw new HttpRequestException($"more than {MaximumRedirects} redirects");
    }

    /// <summary>Posts JSON; a redirect counts as an answer and is not followed.</summary>
    public async Task<int> PostAsync(Uri address, string json, IReadOnlyList<string> allowed, CancellationToken cancellation)
    {
        if (!IsAllowed(address, allowed))
            throw new HttpRequestException($"{address.Host} is not on the list of allowed hosts");
        using var content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = content };
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        return (int)answer.StatusCode;
    }

    public void Dispose() => _client.Dispose();

    private static bool IsAllowed(Uri address, IReadOnlyList<string> allowed) => address.Scheme is "http" or "https" && address.UserInfo.Length == 0
        && allowed.Any(entry => Uri.TryCreate(entry, UriKind.Absolute, out var origin) && origin.Scheme == address.Scheme
            && origin.Port == address.Port && origin.IdnHost.Equals(address.IdnHost, StringComparison.OrdinalIgnoreCase));

    // A name is looked up once, the addresses are checked, and the connection goes to a checked one: a name that changes its mind in between gains nothing.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        string host = context.DnsEndPoint.Host;
        // An address that the operator wrote down as an address is meant, wherever it leads.
        bool literal = IPAddress.TryParse(host.Trim('[', ']'), out var written);
        var addresses = literal ? [written!] : await Dns.GetHostAddressesAsync(host, cancellation);
        var open = addresses.Where(address => literal || IsPublic(address)).ToArray();
        if (open.Length == 0)
            throw new HttpRequestException($"{host} is an address of an inner network");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Whether an address belongs to the open Internet: not loopback, private, link-local, shared, multicast or reserved.</summary>
    internal static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6Multicast || address.IsIPv6UniqueLocal)
            return false;
        byte[] bytes = address.GetAddressBytes();
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return !address.Equals(IPAddress.IPv6Any) && bytes[0] is >= 0x20 and <= 0x3F;
        return bytes[0] switch
        {
            0 or 10 or 127 or >= 224 => false,
            100 => bytes[1] is < 64 or > 127,
            169 => bytes[1] != 254,
            172 => bytes[1] is < 16 or > 31,
            192 => bytes[1] != 168 && !(bytes[1] == 0 && bytes[2] is 0 or 2),
            198 => bytes[1] is not (18 or 19) && !(bytes[1] == 51 && bytes[2] == 100),
            _ => true,
        };
    }
}
