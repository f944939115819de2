using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Cli.Bench;

/// <summary>Where the tables of a benchmark are kept.</summary>
internal static class ReportFolder
{
    /// <exception cref="InputException">The folder cannot be made or written.</exception>
    public static void Write(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name), temporary = path + ".part";
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(temporary, text);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new InputException($"{path} cannot be written ({cause.Message.TrimEnd('.')}): give a folder that can be written with --out.", cause);
        }
    }
}
