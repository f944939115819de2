using GdmOptEtq.Cluster.Messages;
using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Cluster;

/// <summary>Keeps the last lines that this process logged, for its heartbeats: so the operator reads the logs of all nodes, even of one that died, in one place.</summary>
public sealed class RecentLog(TimeProvider time) : ILoggerProvider
{
    /// <summary>Lines kept; few, because every heartbeat carries them.</summary>
    public const int Capacity = 10;

    private const int LongestLine = 300;

    private readonly Queue<LogLine> _lines = new();
    private readonly Lock _gate = new();

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<LogLine> Lines
    {
        get
        {
            lock (_gate)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Listener(this);

    public void Dispose()
    {
    }

    private void Add(LogLevel level, string text)
    {
        string line = string.Concat(text.Take(LongestLine).Select(letter => char.IsControl(letter) ? ' ' : letter));
        lock (_gate)
        {
            if (_lines.Count == Capacity)
                _lines.Dequeue();
            _lines.Enqueue(new LogLine(time.GetUtcNow(), level.ToString().ToLowerInvariant(), line));
        }
    }

    private sealed class Listener(RecentLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.Add(logLevel, formatter(state, exception));
        }
    }
}
