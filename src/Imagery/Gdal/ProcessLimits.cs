using System.Globalization;
using System.Runtime.InteropServices;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>Limits that a process sets itself before it touches what it does not trust: the kernel keeps them, whatever the code does. Linux only.</summary>
public static partial class ProcessLimits
{
    // Numbers of Linux (asm-generic/resource.h).
    private const int CpuTime = 0, CoreFile = 4, AddressSpace = 9;

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    /// <summary>From now on.</summary>
    /// <param name="memoryBytes">Address space beyond what is in use already.</param>
    /// <param name="cpu">Processor time of the whole process; beyond it the kernel ends the process.</param>
    /// <returns>False where the system has no such limits.</returns>
    public static bool Set(long memoryBytes, TimeSpan cpu)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        // First number: pages of address space in use.
        ulong pages = ulong.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[0], CultureInfo.InvariantCulture);
        ulong memory = pages * (ulong)Environment.SystemPageSize + (ulong)memoryBytes;
        ulong seconds = (ulong)Math.Max(1, Math.Ceiling(cpu.TotalSeconds));
        return Apply(CoreFile, 0) && Apply(CpuTime, seconds) && Apply(AddressSpace, memory);
    }

    private static bool Apply(int resource, ulong value)
    {
        var limit = new Limit { Soft = value, Hard = value };
        return setrlimit(resource, in limit) == 0;
    }

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, in Limit limit);
}
