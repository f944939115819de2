using System.Runtime.InteropServices;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>How much a thread gives way to others. .NET leaves the priority of threads alone under Linux, where each thread has a niceness of its own.</summary>
public static partial class ThreadNiceness
{
    /// <summary>Lets the calling thread, and the threads that GDAL starts for it, give way by so many steps of niceness more; elsewhere than under Linux it does nothing.</summary>
    /// <param name="steps">1 to 19.</param>
    public static void Add(int steps)
    {
        // A refusal costs nothing but the priority.
        if (OperatingSystem.IsLinux())
            _ = nice(steps);
    }

    [LibraryImport("libc")]
    private static partial int nice(int increment);
}
