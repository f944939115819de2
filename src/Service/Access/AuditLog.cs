using System.Text.Json.Nodes;
using GdmOptEtq.Cluster;
using Microsoft.AspNetCore.Http;

namespace GdmOptEtq.Service.Access;

/// <summary>
/// Who did what: one JSON line for every request that changes something, and for every one that was refused at the door. Values are JSON texts, so nothing
/// that a client sends can make a line of its own.
/// </summary>
public sealed class AuditLog(NodeSettings node, TimeProvider time)
{
    /// <summary>When a file is larger it becomes audit.jsonl.1, and the one before that is gone.</summary>
    private const long MaximumBytes = 50_000_000;

    private readonly Lock _gate = new();

    public string File => Path.Combine(Path.GetFullPath(node.Data), "audit.jsonl");

    public void Write(HttpContext http, string owner, int status)
    {
        var line = new JsonObject
        {
            ["at"] = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture),
            ["owner"] = owner,
            ["from"] = http.Connection.RemoteIpAddress?.ToString(),
            ["method"] = http.Request.Method,
            ["path"] = http.Request.Path.Value is { Length: > 300 } path ? path[..300] : http.Request.Path.Value,
            ["status"] = status,
        };
        if (http.Response.Headers.Location.ToString() is { Length: > 0 } made)
            line["made"] = made;
        lock (_gate)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
            if (System.IO.File.Exists(File) && new FileInfo(File).Length > MaximumBytes)
                System.IO.File.Move(File, File + ".1", overwrite: true);
            System.IO.File.AppendAllText(File, line.ToJsonString() + "\n");
        }
    }
}
