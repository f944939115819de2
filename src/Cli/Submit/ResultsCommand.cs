using System.CommandLine;
using System.Text.Json.Nodes;
using GdmOptEtq.Cli.Terminal;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Submit;

/// <summary><c>gdm results</c>: fetches the files of a finished job; what is here already is not fetched again, so an interrupted fetch goes on.</summary>
internal static class ResultsCommand
{
    public static Command Create()
    {
        var id = WatchCommand.JobArgument();
        var url = ServiceConnection.UrlOption();
        var output = SharedOptions.Out("Folder for the files; made if need be.");
        var json = SharedOptions.Json();
        var command = new Command("results", "Fetch the files of a finished job of the service.") { id, url, output, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var service = new ServiceConnection(parsed.GetValue(url));
            string folder = Path.GetFullPath(parsed.GetValue(output)!), job = Uri.EscapeDataString(parsed.GetValue(id)!);
            var list = await service.JsonAsync(HttpMethod.Get, $"jobs/{job}/files", null, cancellation);
            var names = new JsonArray();
            foreach (var file in list["files"]!.AsArray())
            {
                string name = file!["name"]!.GetValue<string>();
                string path = PathOf(folder, name);
                if (!(File.Exists(path) && new FileInfo(path).Length == file["bytes"]!.GetValue<long>()))
                    await FetchAsync(service, $"jobs/{job}/files/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}", path, cancellation);
                names.Add((JsonNode)name);
                if (!parsed.GetValue(json))
                    Console.Out.WriteLine(path);
            }

            if (parsed.GetValue(json))
                Console.Out.WriteLine(new JsonObject { ["out"] = folder, ["files"] = names }.ToJsonString(JsonText.Readable));
            return ExitCode.Ok;
        });
        return command;
    }

    // The names come from the other side; none of them may lead out of the folder.
    private static string PathOf(string folder, string name)
    {
        string path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal)
            ? path
            : throw new InputException($"The service names a file '{name}' that would lie outside {folder}: do not trust this service.");
    }

    private static async Task FetchAsync(ServiceConnection service, string address, string path, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string unfinished = path + ".part";
        try
        {
            using (var answer = await service.SendAsync(HttpMethod.Get, address, "*/*", null, cancellation))
            await using (var source = await answer.Content.ReadAsStreamAsync(cancellation))
            await using (var target = File.Create(unfinished))
                await source.CopyToAsync(target, cancellation);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception error) when (error is HttpRequestException or HttpIOException)
        {
            throw new ServiceException($"The connection broke while {Path.GetFileName(path)} was being fetched: the same command goes on from there.", error);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
