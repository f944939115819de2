using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>
/// Collects what GDAL reports, per thread. Nothing is thrown inside GDAL's own frames: the caller asks after GDAL has returned.
/// </summary>
internal static unsafe class GdalErrors
{
    private const int Failure = 3;
    private const int KeptMessages = 16;

    [ThreadStatic]
    private static List<string>? s_messages;

    [ThreadStatic]
    private static long s_reportsBefore;

    // Failures of GDAL's own worker threads (parallel JPEG 2000 decoding) reach the caller only this way. They are numbered, so that no thread
    // takes an old one for its own, or clears one that another thread waits for.
    private static Report s_latest = new(0, "");

    public static void Install() => NativeMethods.CPLSetErrorHandler(&Handle);

    /// <summary>Call before the GDAL call whose outcome matters.</summary>
    public static void Clear()
    {
        (s_messages ??= []).Clear();
        s_reportsBefore = Volatile.Read(ref s_latest).Number;
    }

    public static bool Any => s_messages is { Count: > 0 };

    /// <summary>The messages of this thread since <see cref="Clear"/>, joined; repeated ones once.</summary>
    public static string Take()
    {
        var messages = s_messages;
        var report = Volatile.Read(ref s_latest);
        string text = messages is { Count: > 0 } ? string.Join("; ", messages.Distinct()) : report.Number > s_reportsBefore ? report.Text : "no reason given";
        messages?.Clear();
        return text;
    }

    public static GdalException Exception(string doing) => new(doing, Take());

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Handle(int errorClass, int number, byte* message)
    {
        if (errorClass < Failure)
            return;
        string text = Marshal.PtrToStringUTF8((nint)message)?.Trim().TrimEnd('.') ?? "";
        if (s_messages is not { } messages)
            Tell(text);
        else if (messages.Count < KeptMessages)
            messages.Add(text);
    }

    private static void Tell(string text)
    {
        while (Volatile.Read(ref s_latest) is var before && Interlocked.CompareExchange(ref s_latest, new Report(before.Number + 1, text), before) != before)
        {
        }
    }

    private sealed record Report(long Number, string Text);
}
