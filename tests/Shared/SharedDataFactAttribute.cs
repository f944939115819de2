namespace GdmOptEtq.Tests;

/// <summary>Where the real test data lie: the folder <c>shared</c> beside the checkout. Not part of the project, so it may be absent.</summary>
public static class SharedData
{
    public static string RepositoryRoot { get; } = FindRoot();

    public static string Folder { get; } = Path.GetFullPath(Path.Combine(RepositoryRoot, "..", "shared"));

    public static string PathOf(string relativePath) => Path.Combine(Folder, relativePath);

    public static bool Has(string relativePath) => Path.Exists(PathOf(relativePath));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "GdmOptEtq.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No GdmOptEtq.sln above {AppContext.BaseDirectory}: run the tests from a checkout.");
    }
}

/// <summary>A test on real data; skipped, with the reason, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute(string relativePath)
    {
        if (!SharedData.Has(relativePath))
            Skip = $"The real data ../shared/{relativePath} are not here.";
    }
}

/// <summary>A test on several real data sets; skipped, with the reason, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute(string relativePath)
    {
        if (!SharedData.Has(relativePath))
            Skip = $"The real data ../shared/{relativePath} are not here.";
    }
}
