using System.Globalization;
using Microsoft.Playwright;

namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>One user's window: counts clicks, and notes what must not happen (requests to other hosts, errors of the page's own code).</summary>
internal sealed class PageSession : IAsyncDisposable
{
    private readonly Uri _service;
    private readonly IBrowserContext _context;

    private PageSession(Uri service, IBrowserContext context, IPage page)
    {
        _service = service;
        _context = context;
        Page = page;
        page.Request += (_, request) =>
        {
            if (new Uri(request.Url) is { Scheme: "http" or "https" } address && address.Authority != service.Authority)
                Foreign.Add(request.Url);
        };
        page.PageError += (_, error) => Faults.Add(error);
    }

    public IPage Page { get; }

    public int Clicks { get; private set; }

    public List<string> Foreign { get; } = [];

    public List<string> Faults { get; } = [];

    /// <param name="service">Another service than the fixture's.</param>
    public static async Task<PageSession> OpenAsync(PageFixture fixture, string view = "", bool dark = false, bool phone = false, Uri? service = null, ViewportSize? size = null)
    {
        var context = await fixture.Browser.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = size ?? (phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 860 }),
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
        });
        // A loaded machine may take minutes for what a laptop does in a second.
        context.SetDefaultTimeout(240_000);
        var session = new PageSession(service ?? fixture.Address, context, await context.NewPageAsync());
        await session.GoAsync(view);
        return session;
    }

    /// <summary>Opens a view by the part of its address after #/.</summary>
    public async Task GoAsync(string view)
    {
        await Page.GotoAsync($"{_service}page/#/{view}");
        await Page.Locator("h1").WaitForAsync();
    }

    public async Task ClickAsync(ILocator what)
    {
        Clicks++;
        await what.ClickAsync();
    }

    /// <summary>Presses the mouse at one place, moves it, and lets it go at another.</summary>
    public async Task DragAsync((float X, float Y) from, (float X, float Y) to)
    {
        await Page.Mouse.MoveAsync(from.X, from.Y);
        await Page.Mouse.DownAsync();
        await Page.Mouse.MoveAsync(to.X, to.Y, new() { Steps = 8 });
        await Page.Mouse.UpAsync();
    }

    /// <summary>A click on the map at metres from its middle; the whole result is in view.</summary>
    public async Task ClickMapAsync(double eastMetres, double northMetres)
    {
        Clicks++;
        var (x, y) = await OnMapAsync(eastMetres, northMetres);
        await Page.Mouse.ClickAsync(x, y);
    }

    public async Task PointAsync(double eastMetres, double northMetres)
    {
        var (x, y) = await OnMapAsync(eastMetres, northMetres);
        await Page.Mouse.MoveAsync(x, y);
    }

    /// <summary>Where metres from the middle of the map are on the screen.</summary>
    public async Task<(float X, float Y)> OnMapAsync(double eastMetres, double northMetres)
    {
        var box = (await Page.Locator(".map").First.BoundingBoxAsync())!;
        // The map is fitted with 12 pixels to spare.
        double pixels = (Math.Min(box.Width, box.Height) - 24) / PageFixture.SideMetres;
        return ((float)(box.X + box.Width / 2 + eastMetres * pixels), (float)(box.Y + box.Height / 2 - northMetres * pixels));
    }

    /// <summary>The value, easting and northing that the map reads out, once it does.</summary>
    public async Task<(double Value, double Easting, double Northing)> ReadOutAsync()
    {
        var readout = Page.Locator(".readout[data-value]");
        await readout.WaitForAsync();
        return (await Number(readout, "data-value"), await Number(readout, "data-easting"), await Number(readout, "data-northing"));
    }

    /// <summary>The measured fault-parallel offset, metres.</summary>
    public async Task<double> OffsetAsync()
    {
        var offset = Page.Locator("output[data-offset]");
        await offset.WaitForAsync();
        return await Number(offset, "data-offset");
    }

    /// <summary>Presses Tab until the element has the focus.</summary>
    public async Task TabToAsync(ILocator target)
    {
        await target.WaitForAsync();
        for (int i = 0; i < 120; i++)
        {
            if (await target.EvaluateAsync<bool>("element => element === document.activeElement"))
                return;
            await Page.Keyboard.PressAsync("Tab");
        }

        throw new InvalidOperationException($"{target} cannot be reached with the tabulator key.");
    }

    /// <summary>A picture of the view for the guide, where GDM_SCREENSHOTS names a folder.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("GDM_SCREENSHOTS") is { Length: > 0 } folder)
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"page-{name}.png") });
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Foreign.ShouldBeEmpty();
        Faults.ShouldBeEmpty();
    }

    private static async Task<double> Number(ILocator element, string attribute) =>
        double.Parse((await element.GetAttributeAsync(attribute))!, CultureInfo.InvariantCulture);
}
