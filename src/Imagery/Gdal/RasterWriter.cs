using System.Runtime.InteropServices;
using GdmOptEtq.Science.Geometry;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>
/// A GeoTIFF of one band written window by window: nothing appears under its name before <see cref="Complete"/> has closed it without an error.
/// For final products use Products.GeoTiff, which also makes the layout of a cloud-optimised file.
/// </summary>
/// <remarks>
/// Whole blocks are handed to GDAL past its cache of blocks. That cache is one for the process: a thread that needs room there writes out unsaved blocks
/// of any file, even while that file's own thread closes it, which GDAL (3.6 at least) does not survive; see docs/decisions/0024-no-unsaved-blocks.md.
/// </remarks>
public sealed unsafe class RasterWriter : IDisposable
{
    private readonly AtomicFile _file;
    private readonly DatasetHandle _dataset;
    private readonly Lock _gate = new();
    private readonly PixelType _type;
    private readonly int _blockWidth;
    private readonly int _blockHeight;
    private readonly int _blocksAcross;

    // Blocks in the order of the file that wait for pixels, or for blocks before them: the bytes of the file shall not depend on the order of the windows.
    private readonly SortedDictionary<int, Block> _pending = [];
    private readonly Stack<byte[]> _spare = [];
    private int _nextBlock;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Final name on disk.</param>
    /// <param name="grid">Size and place.</param>
    /// <param name="type">Type of the pixels.</param>
    /// <param name="band">What the band says about itself.</param>
    /// <param name="options">GDAL creation options of the GTiff driver, e.g. TILED=YES, COMPRESS=ZSTD.</param>
    /// <exception cref="InputException">The place cannot be written.</exception>
    public RasterWriter(string path, RasterGrid grid, PixelType type, BandAttributes band, params string[] options)
    {
        GdalLibrary.EnsureLoaded();
        _file = new AtomicFile(path);
        Bounds = grid.Bounds;
        _type = type;
        using var creation = new StringList(["BIGTIFF=IF_SAFER", .. options]);
        GdalErrors.Clear();
        _dataset = NativeMethods.GDALCreate(
            NativeMethods.GDALGetDriverByName("GTiff"), _file.TemporaryPath, grid.Width, grid.Height, 1, (int)type, creation.Pointer);
        if (_dataset.IsInvalid)
        {
            var cause = GdalErrors.Exception($"{path} cannot be created");
            _file.Dispose();
            throw AtomicFile.CannotWrite(path, cause.GdalMessage, cause);
        }

        DatasetAttributes.SetGrid(_dataset, grid);
        DatasetAttributes.SetBand(_dataset, 1, band);
        int blockWidth, blockHeight;
        NativeMethods.GDALGetBlockSize(NativeMethods.GDALGetRasterBand(_dataset, 1), &blockWidth, &blockHeight);
        (_blockWidth, _blockHeight, _blocksAcross) = (blockWidth, blockHeight, (grid.Width + blockWidth - 1) / blockWidth);
    }

    public Window Bounds { get; }

    public string Path => _file.Path;

    public void SetMetadata(IReadOnlyDictionary<string, string> metadata) => DatasetAttributes.SetMetadata(_dataset, metadata);

    public void SetBandMetadata(IReadOnlyDictionary<string, string> metadata) => DatasetAttributes.SetBandMetadata(_dataset, 1, metadata);

    /// <summary>
    /// Writes <paramref name="raster"/> with its upper left pixel at (<paramref name="x"/>, <paramref name="y"/>). Windows may come in any order, but each pixel once;
    /// a block stays in memory until all before it are complete.
    /// </summary>
    /// <exception cref="InputException">The disk is full.</exception>
    public void Write<T>(Raster<T> raster, int x, int y)
        where T : unmanaged
    {
        var window = new Window(x, y, raster.Width, raster.Height);
        if (!Bounds.Contains(window))
            throw new ArgumentOutOfRangeException(nameof(raster), $"Window {window} does not fit into {Path} of {Bounds.Width} x {Bounds.Height}.");
        if (PixelTypes.Of<T>() != _type)
            throw new ArgumentException($"Pixels of {typeof(T).Name} do not fit into {Path} of {_type}.", nameof(raster));
        if (window.IsEmpty)
            return;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_dataset.IsClosed, this);
            for (int row = y / _blockHeight; row <= (y + raster.Height - 1) / _blockHeight; row++)
            {
                for (int column = x / _blockWidth; column <= (x + raster.Width - 1) / _blockWidth; column++)
                    Fill(raster, window, row, column);
            }

            while (_pending.TryGetValue(_nextBlock, out var block) && block.MissingPixels == 0)
            {
                Flush(_nextBlock, block);
                _pending.Remove(_nextBlock++);
                _spare.Push(block.Pixels);
            }
        }
    }

    /// <summary>Closes the file, checks that everything reached the disk, and gives it its name. Pixels that were never written are no-data, or 0 without one.</summary>
    /// <exception cref="InputException">The disk is full or the place cannot be written; nothing is left behind.</exception>
    /// <param name="forced">See <see cref="AtomicFile.Commit"/>.</param>
    public void Complete(bool forced = true)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_dataset.IsClosed, this);
            foreach (var (number, block) in _pending)
                Flush(number, block);
            _pending.Clear();
            try
            {
                _dataset.CloseChecked($"{Path} cannot be closed");
            }
            catch (GdalException cause)
            {
                Fail(cause);
            }

            _file.Commit(forced);
            _file.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _dataset.Dispose();
            _file.Dispose();
        }
    }

    private void Fill<T>(Raster<T> raster, Window window, int blockRow, int blockColumn)
        where T : unmanaged
    {
        int number = blockRow * _blocksAcross + blockColumn;
        var area = new Window(blockColumn * _blockWidth, blockRow * _blockHeight, _blockWidth, _blockHeight).Intersect(Bounds);
        var common = area.Intersect(window);
        if (!_pending.TryGetValue(number, out var block))
        {
            if (number < _nextBlock)
                throw new InvalidOperationException($"Pixels of {common} of {Path} come twice.");
            if (!_spare.TryPop(out byte[]? memory))
                memory = new byte[_blockWidth * _blockHeight * sizeof(T)];
            else if (area.PixelCount < _blockWidth * _blockHeight)
                Array.Clear(memory);
            _pending[number] = block = new Block(memory, area.PixelCount);
            if (common != area)
                Read(number, block);
        }

        var pixels = MemoryMarshal.Cast<byte, T>(block.Pixels.AsSpan());
        for (int y = common.Y; y < common.Y + common.Height; y++)
            raster.Row(y - window.Y).Slice(common.X - window.X, common.Width).CopyTo(pixels[((y - area.Y) * _blockWidth + common.X - area.X)..]);
        block.MissingPixels -= common.PixelCount;
    }

    // GDAL tells what stands in a block that was never written.
    private void Read(int number, Block block)
    {
        GdalErrors.Clear();
        fixed (byte* pixels = block.Pixels)
            Check(NativeMethods.GDALReadBlock(NativeMethods.GDALGetRasterBand(_dataset, 1), number % _blocksAcross, number / _blocksAcross, pixels));
    }

    private void Flush(int number, Block block)
    {
        GdalErrors.Clear();
        fixed (byte* pixels = block.Pixels)
            Check(NativeMethods.GDALWriteBlock(NativeMethods.GDALGetRasterBand(_dataset, 1), number % _blocksAcross, number / _blocksAcross, pixels));
    }

    private void Check(int result)
    {
        if (result != 0)
            Fail(GdalErrors.Exception($"{Path} cannot be written"));
    }

    private void Fail(GdalException cause)
    {
        _dataset.Dispose();
        _file.Dispose();
        throw AtomicFile.CannotWrite(Path, cause.GdalMessage, cause);
    }

    private sealed class Block(byte[] pixels, long missingPixels)
    {
        public byte[] Pixels => pixels;

        public long MissingPixels { get; set; } = missingPixels;
    }
}
