using System.Diagnostics;
using GdmOptEtq.Pipeline.Stages;
using Spectre.Console;

namespace GdmOptEtq.Cli.Terminal;

/// <summary>Progress on stderr: one live line with bar, per cent and time left on a terminal, plain lines elsewhere.</summary>
internal sealed class ProgressDisplay : IProgress<StageProgress>, IDisposable
{
    private const int BarWidth = 24;
    private const double SecondsBetweenPlainLines = 5;

    private readonly IAnsiConsole? _console;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private StageProgress _last;
    private string _stage = "";
    private double _plainLineAt = double.NegativeInfinity;
    private double _firstFraction = double.NaN;
    private double _firstSeconds;

    private ProgressDisplay(bool live) => _console = live
        ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error), ColorSystem = Colours() })
        : null;

    /// <summary>Live on a terminal that can move its cursor.</summary>
    public static ProgressDisplay Create() => new(!Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "dumb"));

    public void Report(StageProgress value)
    {
        lock (_gate)
        {
            double now = _clock.Elapsed.TotalSeconds;
            if (double.IsNaN(_firstFraction))
                (_firstFraction, _firstSeconds) = (value.Fraction, now);
            _last = value;
            if (_console is not null)
                DrawLive(now);
            else
                WritePlain(now);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_console is not null)
                Console.Error.Write("\r\u001b[2K");
        }
    }

    private void DrawLive(double now)
    {
        int filled = (int)(_last.Fraction * BarWidth);
        string bar = new string('━', filled) + new string('─', BarWidth - filled);
        string text = $"{bar} {100 * _last.Fraction,3:0} %  {TimeLeft(now)}  {_last.Stage}";
        int width = Math.Max(40, Console.WindowWidth - 1);
        if (text.Length > width)
            text = text[..width];
        Console.Error.Write("\r\u001b[2K");
        _console!.Write(new Markup($"[green]{Markup.Escape(text[..Math.Min(filled, text.Length)])}[/]{Markup.Escape(text[Math.Min(filled, text.Length)..])}"));
    }

    private void WritePlain(double now)
    {
        string kind = _last.Kind;
        if (kind == _stage && now - _plainLineAt < SecondsBetweenPlainLines)
            return;
        (_stage, _plainLineAt) = (kind, now);
        Console.Error.WriteLine($"{100 * _last.Fraction,3:0} %  {_last.Stage}");
    }

    private string TimeLeft(double now)
    {
        double done = _last.Fraction - _firstFraction, seconds = now - _firstSeconds;
        if (done < 0.02 || seconds < 2)
            return "        ";
        var left = TimeSpan.FromSeconds(seconds / done * (1 - _last.Fraction));
        return left.TotalHours >= 1 ? $"{(int)left.TotalHours}:{left.Minutes:00}:{left.Seconds:00} left" : $"{left.Minutes,2}:{left.Seconds:00} left";
    }

    private static ColorSystemSupport Colours() =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")) ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors;
}
