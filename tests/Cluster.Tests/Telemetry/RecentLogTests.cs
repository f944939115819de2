using Microsoft.Extensions.Logging;

namespace GdmOptEtq.Cluster.Tests.Telemetry;

public sealed class RecentLogTests
{
    [Fact]
    public void The_last_ten_lines_are_kept_without_what_a_terminal_would_obey()
    {
        using var recent = new RecentLog(TimeProvider.System);
        var log = recent.CreateLogger("any");
        log.LogDebug("too fine");
        for (int i = 1; i <= 12; i++)
            log.LogWarning("line {Number}", i);
        log.LogError("\u001b[31mred\n{Rest}", new string('x', 500));
        recent.Lines.Count.ShouldBe(RecentLog.Capacity);
        recent.Lines[0].Text.ShouldBe("line 4");
        recent.Lines[0].Level.ShouldBe("warning");
        recent.Lines[^1].Level.ShouldBe("error");
        recent.Lines[^1].Text.ShouldStartWith(" [31mred xxx");
        recent.Lines[^1].Text.Length.ShouldBe(300);
    }

    [Fact]
    public void Lines_of_several_threads_at_once_are_all_whole()
    {
        using var recent = new RecentLog(TimeProvider.System);
        var log = recent.CreateLogger("any");
        Parallel.For(0, 1000, number => log.LogInformation("line {Number} ends", number));
        recent.Lines.Count.ShouldBe(RecentLog.Capacity);
        recent.Lines.ShouldAllBe(line => line.Text.StartsWith("line ", StringComparison.Ordinal) && line.Text.EndsWith(" ends", StringComparison.Ordinal));
    }
}
