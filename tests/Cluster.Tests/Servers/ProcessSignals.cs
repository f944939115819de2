using System.Diagnostics;

namespace GdmOptEtq.Cluster.Tests.Servers;

/// <summary>Signals to processes that a test started, by their ids.</summary>
internal static class ProcessSignals
{
    /// <param name="signal">Name without SIG: STOP, CONT, TERM, KILL.</param>
    public static void Send(int processId, string signal)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-" + signal, processId.ToString()]) { RedirectStandardError = true })!;
        kill.WaitForExit();
    }

    /// <summary>To the process and everything that it started.</summary>
    public static void SendToTree(int processId, string signal)
    {
        Send(processId, signal);
        foreach (int child in Children(processId))
            SendToTree(child, signal);
    }

    private static List<int> Children(int processId)
    {
        var children = new List<int>();
        try
        {
            foreach (string thread in Directory.GetDirectories($"/proc/{processId}/task"))
                children.AddRange(File.ReadAllText(Path.Combine(thread, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse));
        }
        catch (IOException)
        {
            // The process or its thread has just ended by itself, as short-lived ones of a broker do.
        }

        return children;
    }
}
