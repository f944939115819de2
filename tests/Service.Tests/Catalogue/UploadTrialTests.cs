using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GdmOptEtq.Imagery.Safe;
using GdmOptEtq.Service.Tests.Files;

namespace GdmOptEtq.Service.Tests.Catalogue;

/// <summary>What becomes of an upload by the way its trial ends; the program that tries is replaced for the whole process, so nothing else may run beside it.</summary>
[Collection(nameof(AloneCollection))]
public sealed class UploadTrialTests(FinishedResult service) : IClassFixture<FinishedResult>, IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose()
    {
        IsolatedDecoding.Program = null;
        _folder.Dispose();
    }

    [Theory]
    [InlineData("exit 0", HttpStatusCode.Created, "upload:")]
    [InlineData("echo 'bad Band B04 is not what it says.'; exit 3", HttpStatusCode.BadRequest, "Band B04 is not what it says.")]
    [InlineData("kill -ABRT $$", HttpStatusCode.BadRequest, "damaged or made to do harm")]
    [InlineData("kill -KILL $$", HttpStatusCode.BadRequest, "damaged or made to do harm")]
    [InlineData("echo no runtime >&2; exit 1", HttpStatusCode.InternalServerError, "fault of the service")]
    public async Task An_upload_is_kept_only_when_its_trial_ends_well(string trial, HttpStatusCode status, string words)
    {
        IsolatedDecoding.Program = ["/bin/sh", "-c", trial, "trial"];
        using var content = new ByteArrayContent(File.ReadAllBytes(TinyScene.Write(_folder.Path, 0, zip: true)));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/zip");
        int before = Kept();
        using var answer = await service.Service.Client.PostAsync("/uploads", content);
        string text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(status, text);
        JsonNode.Parse(text)!.AsObject().Select(m => m.Value?.ToString() ?? "").ShouldContain(v => v.Contains(words, StringComparison.Ordinal), text);
        text.ShouldNotContain("   at ");
        (Kept() - before).ShouldBe(status == HttpStatusCode.Created ? 1 : 0);
    }

    private int Kept() => Directory.Exists(Path.Combine(service.Data, "uploads")) ? Directory.GetFiles(Path.Combine(service.Data, "uploads"), "*", SearchOption.AllDirectories).Length : 0;
}
