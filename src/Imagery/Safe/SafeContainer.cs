using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>
/// The files of one product, wherever they lie. Names are relative to the .SAFE folder, with '/' between parts; a name that would leave the product
/// is refused, since names come from the metadata, which is not ours.
/// </summary>
internal abstract class SafeContainer
{
    /// <summary>Name of the .SAFE folder (or of the folder that stands for it).</summary>
    public abstract string Name { get; }

    /// <summary>The path the user gave, for messages.</summary>
    public abstract string Source { get; }

    public abstract bool Exists(string file);

    /// <summary>Bytes of a file that exists.</summary>
    public abstract long Length(string file);

    /// <summary>Files directly in <paramref name="folder"/> ("" for the root), names only, sorted.</summary>
    public abstract IReadOnlyList<string> FilesIn(string folder);

    /// <summary>A metadata file, whole.</summary>
    public abstract Stream OpenRead(string file);

    /// <summary>An image file, read from its beginning as it comes; it may be larger than memory, and the stream need not be able to seek.</summary>
    public abstract Stream OpenImage(string file);

    /// <summary>What GDAL opens to read <paramref name="file"/>.</summary>
    public abstract string GdalPath(string file);

    /// <summary>Refuses names that are absolute or climb out of the product.</summary>
    protected string Checked(string file)
    {
        if (!SafeNames.StaysInside(file))
            throw new InputException($"The metadata of {Name} name the file '{SafeNames.Printable(file)}', which lies outside the product: do not use this product.");
        return file;
    }
}

/// <summary>Which relative names may be trusted to stay where they are put.</summary>
internal static class SafeNames
{
    /// <summary>The longest name in a product of before 2016 has 210 characters.</summary>
    private const int MaximumLength = 300;

    public static bool StaysInside(string name)
    {
        if (name.Length is 0 or > MaximumLength || name[0] is '/' or '\\' || !IsPrintable(name) || (name.Length > 1 && name[1] == ':'))
            return false;
        return !name.Split('/', '\\').Contains("..");
    }

    /// <summary>Products are named in ASCII. Other characters let two names look alike, control characters change what a terminal shows.</summary>
    public static bool IsPrintable(string name) => name.All(c => c is >= ' ' and <= '~');

    /// <summary>Text of a stranger as it may stand in a message.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format ? '?' : c));
}

/// <summary>A product unpacked in a folder.</summary>
internal sealed class FolderContainer(string folder) : SafeContainer
{
    private readonly string _folder = Path.GetFullPath(folder);

    public override string Name => Path.GetFileName(_folder);

    public override string Source => _folder;

    public override bool Exists(string file) => File.Exists(PathOf(file));

    public override long Length(string file) => new FileInfo(PathOf(file)).Length;

    public override IReadOnlyList<string> FilesIn(string folder)
    {
        string path = folder.Length == 0 ? _folder : PathOf(folder);
        if (!Directory.Exists(path))
            return [];
        return Directory.EnumerateFiles(path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal).ToList();
    }

    public override Stream OpenRead(string file)
    {
        try
        {
            return File.OpenRead(PathOf(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{PathOf(file)} cannot be read ({e.Message.TrimEnd('.')}): check the path and its permissions.", e);
        }
    }

    public override Stream OpenImage(string file) => OpenRead(file);

    public override string GdalPath(string file) => PathOf(file);

    private string PathOf(string file) => Path.Combine(_folder, Checked(file));
}
