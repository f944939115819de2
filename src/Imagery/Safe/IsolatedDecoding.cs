using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>What one trial may cost.</summary>
/// <param name="MemoryMegabytes">Beyond what the program itself takes.</param>
/// <param name="Cpu">Processor time; a product of 13 bands takes about two minutes.</param>
/// <param name="Wall">By the clock; a busy machine needs more of it.</param>
public sealed record DecodingLimits(int MemoryMegabytes, TimeSpan Cpu, TimeSpan Wall)
{
    public static DecodingLimits Default { get; } = new(2048, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(60));
}

/// <summary>
/// Tries products of strangers in a process of their own with limits on memory and time, before any other process opens their images. Some damaged files end
/// the process that decodes them (OpenJPEG 2.5 aborts on an assertion): better that one (docs/decisions/0018).
/// </summary>
public static class IsolatedDecoding
{
    /// <summary>Name of the program's command that runs a trial.</summary>
    public const string Command = "decode-trial";

    /// <summary>Exit code of a trial that found an unusable image and could say so on stdout: "bad", and the sentence.</summary>
    public const int Refused = 3;

    // The program's assembly; its other processes run the same file.
    private const string ProgramName = "gdm";

    // Trials cost a processor each; strangers must not get all of them.
    private static readonly SemaphoreSlim s_places = new(2);

    /// <summary>How to start the program; null where it is not at hand (in tests of its parts).</summary>
    public static IReadOnlyList<string>? Program { get; set; } = FindProgram();

    /// <summary>Whether there is a program to start: always, but in tests of its parts.</summary>
    public static bool IsAvailable => Program is not null;

    /// <summary>Decodes the images of a product elsewhere. Two at a time; further ones wait.</summary>
    /// <param name="path">Product as given to <see cref="SafeProduct.Open"/>, on this machine's disk.</param>
    /// <param name="quick">Three places of each image only: seconds instead of minutes.</param>
    /// <exception cref="InputException">An image is unusable or exceeds the limits; one sentence.</exception>
    public static async Task CheckAsync(string path, DecodingLimits limits, bool quick, CancellationToken cancellation)
    {
        await s_places.WaitAsync(cancellation);
        try
        {
            await TryAsync(path, limits, quick, cancellation);
        }
        finally
        {
            s_places.Release();
        }
    }

    private static async Task TryAsync(string path, DecodingLimits limits, bool quick, CancellationToken cancellation)
    {
        var program = Program ?? throw new InvalidOperationException("The program gdm, which tries images in a process of its own, was not found.");
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), .. Arguments(limits, quick), path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program[0]} cannot be started.");
        process.StandardInput.Close();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(limits.Wall);
        var verdict = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var complaint = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            throw new InputException($"{Path.GetFileName(path)} was not decoded within {limits.Wall.TotalMinutes:0} minutes: its images are damaged, or the machine is too busy; try again, or download the product again.");
        }

        switch (process.ExitCode)
        {
            case 0:
                return;
            case Refused when (await verdict).Trim() is { Length: > 4 } line:
                throw new InputException(line[4..]);
            // Ended by a signal: an assertion of the decoder, or the kernel at a limit. With 127 the C library ends a process that has no memory left for a thread.
            case > 126:
                throw new InputException(
                    $"{Path.GetFileName(path)} holds an image that cannot be decoded within {limits.MemoryMegabytes} MB and {limits.Cpu.TotalMinutes:0} minutes: it is damaged or made to do harm; download the product again.");
            default:
                throw new InvalidOperationException($"The trial of {path} could not run: {await complaint}");
        }
    }

    /// <summary>The command line of a trial, without the paths.</summary>
    public static IReadOnlyList<string> Arguments(DecodingLimits limits, bool quick) =>
    [
        Command, "--memory-megabytes", limits.MemoryMegabytes.ToString(CultureInfo.InvariantCulture),
        "--cpu-seconds", ((int)limits.Cpu.TotalSeconds).ToString(CultureInfo.InvariantCulture),
        .. quick ? (string[])["--quick"] : [],
    ];

    private static string[]? FindProgram()
    {
        if (Assembly.GetEntryAssembly() is not { } entry || entry.GetName().Name != ProgramName || Environment.ProcessPath is not { } host)
            return null;
        return Path.GetFileNameWithoutExtension(host) == ProgramName ? [host] : [host, entry.Location];
    }
}
