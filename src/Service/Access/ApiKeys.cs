using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GdmOptEtq.Service.Access;

/// <summary>One key as the file keeps it: the secret itself is not in it.</summary>
/// <param name="Prefix">First part of the key, by which it is found and named.</param>
/// <param name="Hash">SHA-256 of the secret, hexadecimal; secrets have 256 random bits, so no slow hash is needed.</param>
/// <param name="Owner">Whose jobs its jobs are.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">From when on it is refused; null: never.</param>
public sealed record ApiKey(string Prefix, string Hash, string Owner, IReadOnlyList<Scope> Scopes, DateTimeOffset Created, DateTimeOffset? Expires);

/// <summary>
/// The file of API keys (JSON, readable by its owner only). A running service reads it again when it changes, so a new key works and a revoked one stops
/// within a second, without a restart.
/// </summary>
public sealed class ApiKeys(string file, TimeProvider time)
{
    private const string Mark = "gdm_";
    private const int PrefixLength = 10;

    private static readonly TimeSpan s_fresh = TimeSpan.FromSeconds(1);

    private static readonly JsonSerializerOptions s_readable = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private Dictionary<string, ApiKey> _keys = [];
    private DateTime _changed;
    private DateTimeOffset _looked = DateTimeOffset.MinValue;

    /// <summary>Whether a text has the form of a key, valid or not.</summary>
    public static bool LooksLikeOne(string text) => text.StartsWith(Mark, StringComparison.Ordinal);

    /// <summary>The caller of a key; null when it is unknown, revoked or expired.</summary>
    public Caller? Find(string key)
    {
        string[] parts = key.Split('_', 3);
        if (parts.Length != 3 || parts[0] + "_" != Mark || parts[1].Length != PrefixLength)
            return null;
        byte[] given = SHA256.HashData(Encoding.UTF8.GetBytes(parts[2]));
        var found = Current().GetValueOrDefault(parts[1]);
        // The same work for a prefix that is not there as for a wrong secret.
        bool same = CryptographicOperations.FixedTimeEquals(given, found is null ? new byte[32] : Convert.FromHexString(found.Hash));
        return found is not null && same && !(found.Expires <= time.GetUtcNow()) ? new Caller(found.Owner, found.Scopes.ToHashSet()) : null;
    }

    public IReadOnlyList<ApiKey> List() => [.. Read().Values.OrderBy(key => key.Created)];

    /// <summary>Makes a key; what is returned is shown once and is nowhere else.</summary>
    public string Create(string owner, IReadOnlyList<Scope> scopes, DateTimeOffset? expires)
    {
        string prefix = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PrefixLength / 2)), secret = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        var keys = Read();
        keys[prefix] = new ApiKey(prefix, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret))), owner, scopes, time.GetUtcNow(), expires);
        Write(keys);
        return $"{Mark}{prefix}_{secret}";
    }

    /// <summary>False when there is no key of this prefix.</summary>
    public bool Revoke(string prefix)
    {
        var keys = Read();
        if (!keys.Remove(prefix))
            return false;
        Write(keys);
        return true;
    }

    private Dictionary<string, ApiKey> Current()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            if (now - _looked < s_fresh)
                return _keys;
            _looked = now;
            var changed = File.Exists(file) ? File.GetLastWriteTimeUtc(file) : default;
            if (changed != _changed)
                (_keys, _changed) = (Read(), changed);
            return _keys;
        }
    }

    private Dictionary<string, ApiKey> Read()
    {
        if (!File.Exists(file))
            return [];
        try
        {
            return JsonNode.Parse(File.ReadAllText(file))!["keys"]!.AsArray().Select(node => new ApiKey(
                node!["prefix"]!.GetValue<string>(), node["hash"]!.GetValue<string>(), node["owner"]!.GetValue<string>(),
                [.. node["scopes"]!.AsArray().Select(scope => Enum.Parse<Scope>(scope!.GetValue<string>(), ignoreCase: true))],
                node["created"]!.GetValue<DateTimeOffset>(), node["expires"]?.GetValue<DateTimeOffset>())).ToDictionary(key => key.Prefix);
        }
        catch (Exception error) when (error is JsonException or NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new Science.Rasters.InputException($"The key file {file} is not what 'gdm host key' writes: mend it, or move it away and make the keys anew.", error);
        }
    }

    private void Write(Dictionary<string, ApiKey> keys)
    {
        var json = new JsonObject
        {
            ["keys"] = new JsonArray([.. keys.Values.Select(key => (JsonNode)new JsonObject
            {
                ["prefix"] = key.Prefix,
                ["hash"] = key.Hash,
                ["owner"] = key.Owner,
                ["scopes"] = new JsonArray([.. key.Scopes.Select(scope => (JsonNode)scope.ToString().ToLowerInvariant())]),
                ["created"] = key.Created,
                ["expires"] = key.Expires,
            })]),
        };
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        string unfinished = $"{file}.{Guid.NewGuid():N}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(unfinished, options))
            stream.Write(Encoding.UTF8.GetBytes(json.ToJsonString(s_readable) + "\n"));
        File.Move(unfinished, file, overwrite: true);
    }
}
