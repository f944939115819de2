namespace GdmOptEtq.Imagery.WorkStore;

/// <summary>Tells whether a folder can be written, by writing: permissions, quotas, full and vanished disks show in no other way.</summary>
public static class FolderProbe
{
    /// <summary>Why nothing can be written into <paramref name="folder"/>, which is made if need be; null when it can. Leaves no file behind.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="bytes">How much is tried: a disk with less left counts as full.</param>
    public static string? Fault(string folder, int bytes = 1)
    {
        string probe = Path.Combine(folder, $".gdm-probe-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(probe, new byte[bytes]);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error.Message.TrimEnd('.');
        }
        finally
        {
            Remove(probe);
        }
    }

    private static void Remove(string probe)
    {
        try
        {
            File.Delete(probe);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The folder is away altogether; there is nothing to clean.
        }
    }
}
