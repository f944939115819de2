using System.Net;
using System.Net.Sockets;

namespace GdmOptEtq.Cluster.Tests.Drills;

/// <summary>
/// A cable between two ports of loopback, which can be cut: while it is, not a byte passes in either direction, new connections get no answer, and neither
/// side is told, as in a network that drops its packets. What was sent meanwhile arrives after the mending, as TCP's repetitions do.
/// </summary>
internal sealed class Cable : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile TaskCompletionSource _whole = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Cable(int target)
    {
        _target = target;
        _whole.SetResult();
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port on this side.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut() => _whole = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Mend() => _whole.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ConnectAsync(await _listener.AcceptSocketAsync(_end.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ConnectAsync(Socket near)
    {
        using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (near)
        {
            try
            {
                await _whole.Task.WaitAsync(_end.Token);
                await far.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
                await Task.WhenAny(PassAsync(near, far), PassAsync(far, near));
            }
            catch (Exception fault) when (fault is SocketException or OperationCanceledException)
            {
                // One end has gone; the other sees its connection closed.
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[1 << 14];
        try
        {
            while (await from.ReceiveAsync(buffer, _end.Token) is > 0 and int count)
            {
                await _whole.Task.WaitAsync(_end.Token);
                for (int sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _end.Token);
            }
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // As above.
        }
    }
}
