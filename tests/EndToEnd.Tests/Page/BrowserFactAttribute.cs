namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>A test in a browser; skipped, with the reason, where Chromium is not installed or the page was not built (./gdm test sees to both).</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public const string Chromium = "/usr/bin/chromium";

    public BrowserFactAttribute()
    {
        if (!File.Exists(Chromium))
            Skip = $"{Chromium} is not installed: run ./gdm test, or apt-get install chromium.";
        else if (!File.Exists(Path.Combine(AppContext.BaseDirectory, "page", "index.html")))
            Skip = "The web page was not built into the program: run ./gdm test, or npm ci && npm run build in src/Service/web before dotnet build.";
    }
}
