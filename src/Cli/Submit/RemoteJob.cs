using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;

namespace GdmOptEtq.Cli.Submit;

/// <summary>A job of the service as its status describes it.</summary>
internal sealed record RemoteJob(JsonObject Status)
{
    public string Id => Text("jobID");

    public string State => Text("status");

    public string Message => Text("message");

    public string Title => Text("title");

    public int Progress => Status["progress"]?.GetValue<int>() ?? 0;

    public bool IsFinal => State is "successful" or "failed" or "dismissed";

    public string Created => Text("created");

    /// <summary>One line for people.</summary>
    public string Line => $"{Id}  {State,-10}  {Progress,3} %  {Created}  {(Title.Length > 0 ? Title + ": " : "")}{Message}";

    public static async Task<RemoteJob> FindAsync(ServiceConnection service, string id, CancellationToken cancellation) =>
        new(await service.JsonAsync(HttpMethod.Get, $"jobs/{Uri.EscapeDataString(id)}", null, cancellation));

    /// <summary>What the shell is told about a finished job: failed for its input (3), without a valid pixel (4), otherwise (1).</summary>
    public async Task<int> ExitCodeAsync(ServiceConnection service, CancellationToken cancellation)
    {
        if (State == "successful")
            return ExitCode.Ok;
        if (State == "dismissed")
            return ExitCode.Failure;
        var reason = await service.ProblemAsync($"jobs/{Uri.EscapeDataString(Id)}/results", cancellation);
        string type = reason?["type"]?.GetValue<string>() ?? "";
        return type.EndsWith("/invalid-input", StringComparison.Ordinal) ? ExitCode.BadInput
            : type.EndsWith("/no-valid-result", StringComparison.Ordinal) ? ExitCode.NoValidResult
            : ExitCode.Failure;
    }

    // Words of others are shown on a terminal.
    private string Text(string name) => new([.. (Status[name]?.GetValue<string>() ?? "").Where(letter => !char.IsControl(letter))]);
}
