using GdmOptEtq.Imagery.Gdal;

namespace GdmOptEtq.Imagery.Safe;

/// <summary>A product unpacked where only GDAL reaches it, e.g. in a bucket (/vsis3/) or behind HTTP (/vsicurl/).</summary>
internal sealed class VsiContainer(string folder) : SafeContainer
{
    private readonly string _folder = folder.TrimEnd('/');

    public override string Name => _folder[(_folder.LastIndexOf('/') + 1)..];

    public override string Source => _folder;

    public override bool Exists(string file) => VsiFile.Exists(GdalPath(file));

    public override long Length(string file) => VsiFile.Length(GdalPath(file));

    public override IReadOnlyList<string> FilesIn(string folder) =>
        VsiFile.List(folder.Length == 0 ? _folder : GdalPath(folder)).Where(e => !e.IsDirectory).Select(e => e.Name).ToList();

    public override Stream OpenRead(string file) => new MemoryStream(VsiFile.ReadAllBytes(GdalPath(file)), writable: false);

    public override Stream OpenImage(string file) => new VsiStream(GdalPath(file));

    public override string GdalPath(string file) => $"{_folder}/{Checked(file)}";
}
