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

    // Failures of GDAL's own worker threads (parallel JPEG 2000 decoding) reach the caller only this way.
    private static string? s_latest;

    public static void Install() => NativeMethods.CPLSetErrorHandler(&Handle);

    /// <summary>Call before the GDAL call whose outcome matters.</summary>
    public static void Clear()
    {
        s_messages?.Clear();
        Volatile.Write(ref s_latest, null);
    }

    public static bool Any => s_messages is { Count: > 0 };

    /// <summary>The messages of this thread since <see cref="Clear"/>, joined; repeated ones once.</summary>
    public static string Take()
    {
        var messages = s_messages;
        string text = messages is { Count: > 0 }
            ? string.Join("; ", messages.Distinct())
            : Volatile.Read(ref s_latest) ?? "no reason given";
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
        Volatile.Write(ref s_latest, text);
        var messages = s_messages ??= [];
        if (messages.Count < KeptMessages)
            messages.Add(text);
    }
}
