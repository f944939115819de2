using System.Reflection;
using System.Runtime.InteropServices;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>
/// Finds GDAL's C library and prepares it once per process: error handler, the few drivers we use, no side files.
/// Order of the search: environment variable GDM_GDAL_LIBRARY (path or name), a library shipped beside the program (as the MaxRev.Gdal runtime
/// packages do), then the system's.
/// </summary>
public static class GdalLibrary
{
    internal const string Name = "gdal";

    /// <summary>Environment variable that names the library to load, before any other place is tried.</summary>
    public const string EnvironmentVariable = "GDM_GDAL_LIBRARY";

    internal const long BlockCacheBytes = 256 << 20;

    // SONAME numbers: 32 = GDAL 3.6 (Debian 12), 36 = 3.10 (Debian 13); later ones first serve who has several.
    private const int OldestSoname = 32;
    private const int NewestSoname = 42;

    private static readonly Lazy<string> s_version = new(Initialise, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>GDAL's release, e.g. 3.6.2. Loads the library when that has not happened yet.</summary>
    /// <exception cref="InputException">No GDAL library was found; the sentence says how to install it.</exception>
    public static string Version => s_version.Value;

    internal static void EnsureLoaded() => _ = s_version.Value;

    private static string Initialise()
    {
        NativeLibrary.SetDllImportResolver(typeof(GdalLibrary).Assembly, Resolve);
        try
        {
            GdalErrors.Install();
        }
        catch (DllNotFoundException cause)
        {
            throw new InputException(
                "GDAL's library libgdal was not found: install it (Debian: apt-get install libgdal32) or set "
                + $"{EnvironmentVariable} to the path of the library file.", cause);
        }

        // No .aux.xml beside anybody's files, and memory for blocks that does not depend on the machine.
        NativeMethods.CPLSetConfigOption("GDAL_PAM_ENABLED", "NO");
        if (Environment.GetEnvironmentVariable("GDAL_CACHEMAX") is null)
            NativeMethods.GDALSetCacheMax64(BlockCacheBytes);
        if (Environment.GetEnvironmentVariable("GDAL_NUM_THREADS") is null)
            NativeMethods.CPLSetConfigOption("GDAL_NUM_THREADS", "1");
        NativeMethods.GDALRegister_VRT();
        NativeMethods.GDALRegister_GTiff();
        NativeMethods.GDALRegister_COG();
        NativeMethods.GDALRegister_MEM();
        NativeMethods.GDALRegister_PNG();
        NativeMethods.GDALRegister_JP2OpenJPEG();
        NativeMethods.GDALRegister_SRTMHGT();
        // Some drivers make their list of options when it is first asked for, and not safely on two threads at once (GDAL's issue 12389).
        foreach (string driver in new[] { "GTiff", "COG", "MEM", "PNG", "JP2OpenJPEG" })
            _ = NativeMethods.GDALGetMetadataItem(NativeMethods.GDALGetDriverByName(driver), "DMD_CREATIONOPTIONLIST", null);
        return Marshal.PtrToStringUTF8(NativeMethods.GDALVersionInfo("RELEASE_NAME")) ?? "";
    }

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath)
    {
        if (libraryName != Name)
            return 0;
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } chosen)
        {
            return NativeLibrary.TryLoad(chosen, out nint named)
                ? named
                : throw new DllNotFoundException($"{EnvironmentVariable} names {chosen}, which cannot be loaded.");
        }

        foreach (string candidate in Candidates())
        {
            if (NativeLibrary.TryLoad(candidate, out nint handle))
                return handle;
        }

        return 0;
    }

    private static IEnumerable<string> Candidates()
    {
        string native = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        string portable = Path.Combine(AppContext.BaseDirectory, "runtimes", $"linux-{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant(), "native");
        foreach (string folder in new[] { AppContext.BaseDirectory, native, portable, Path.Combine(portable, "maxrev.gdal.core.libshared") })
        {
            if (!Directory.Exists(folder))
                continue;
            foreach (string file in Directory.GetFiles(folder, "libgdal*").Order(StringComparer.Ordinal))
            {
                if (IsMainLibrary(Path.GetFileName(file)))
                    yield return file;
            }
        }

        for (int soname = OldestSoname; soname <= NewestSoname; soname++)
            yield return $"libgdal.so.{soname}";
        yield return "libgdal.so";
        yield return "libgdal.dylib";
        yield return "gdal.dll";
    }

    // libgdal_wrap and libgdalconst_wrap of the same packages are not GDAL.
    private static bool IsMainLibrary(string fileName) =>
        fileName.StartsWith("libgdal.so", StringComparison.Ordinal)
        || (fileName.StartsWith("libgdal.", StringComparison.Ordinal) && fileName.EndsWith(".dylib", StringComparison.Ordinal));
}
