using GdmOptEtq.EndToEnd.Tests.Remote;
using GdmOptEtq.EndToEnd.Tests.Run;
using Microsoft.Playwright;

namespace GdmOptEtq.EndToEnd.Tests.Page;

/// <summary>The page of a service that lets nobody in without a key.</summary>
[Collection(PageCollection.Name)]
public sealed class SignInTests(PageFixture fixture)
{
    [BrowserFact]
    public async Task A_service_that_wants_a_key_is_told_one_in_the_page_and_a_wrong_one_is_said()
    {
        using var folder = new ScratchFolder();
        TinyScene.Write(folder["products"], 0);
        var (code, key, error) = GdmProcess.Run("host", "key", "create", "--owner", "anna", "--scope", "read", "--scope", "submit", "--data", folder["data"]);
        code.ShouldBe(0, error);
        await using var host = await HostProcess.StartAsync(folder["data"], "--auth", "keys", "--products", folder["products"]);
        await using var session = await PageSession.OpenAsync(fixture, service: new Uri(host.Address + "/"));
        var page = session.Page;
        await page.GetByLabel("This service asks who you are").FillAsync(key.Trim()[..^1] + "x");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByLabel("The service does not know this key").FillAsync(key.Trim());
        (await page.Locator(".product").CountAsync()).ShouldBe(0);
        await page.Keyboard.PressAsync("Enter");
        // The picture comes with the key, too, which an image element cannot send.
        await page.Locator(".product .quicklook img").WaitForAsync();
        (await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).CountAsync()).ShouldBe(0);
        await session.GoAsync("operate");
        (await page.Locator(".notice.error").First.InnerTextAsync()).ShouldContain("operate");
        page.Url.ShouldNotContain("gdm_");
        (await page.EvaluateAsync<int>("() => localStorage.length + document.cookie.length")).ShouldBe(0);
    }
}
