using System.Runtime.InteropServices;

namespace GdmOptEtq.Imagery.Gdal;

/// <summary>The part of GDAL's C API that we call, by its own names (gdal.h, gdal_utils.h, cpl_vsi.h, ogr_srs_api.h).</summary>
internal static unsafe partial class NativeMethods
{
    [StructLayout(LayoutKind.Sequential)]
    internal struct RasterIoExtraArg
    {
        public int Version;
        public int ResampleAlgorithm;
        public nint Progress;
        public nint ProgressData;
        public int FloatingPointWindowValidity;
        public double XOff;
        public double YOff;
        public double XSize;
        public double YSize;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct DirectoryEntry
    {
        public nint Name;
        public int Mode;
        public ulong Size;
        public long ModificationTime;
        public byte ModeKnown;
        public byte SizeKnown;
        public byte TimeKnown;
    }

    // Library
    [LibraryImport(GdalLibrary.Name)] internal static partial void CPLSetErrorHandler(delegate* unmanaged[Cdecl]<int, int, byte*, void> handler);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial void CPLSetConfigOption(string key, string? value);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial void CPLSetThreadLocalConfigOption(string key, string? value);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint GDALVersionInfo(string request);
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALSetCacheMax64(long bytes);
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALRegister_GTiff();
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALRegister_COG();
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALRegister_MEM();
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALRegister_VRT();
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALRegister_PNG();
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALRegister_JP2OpenJPEG();
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALRegister_SRTMHGT();
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint GDALGetDriverByName(string name);
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALGetDriverShortName(nint driver);
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALGetDatasetDriver(DatasetHandle dataset);

    // Datasets
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial DatasetHandle GDALOpenEx(string path, uint flags, nint drivers, nint options, nint siblings);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial DatasetHandle GDALCreate(nint driver, string path, int width, int height, int bands, int type, nint options);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial DatasetHandle GDALCreateCopy(nint driver, string path, DatasetHandle source, int strict, nint options, nint progress, nint progressData);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial int GDALBuildOverviews(DatasetHandle dataset, string resampling, int count, int* factors, int bandCount, int* bands, nint progress, nint progressData);
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALClose(nint dataset);
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALFlushCache(DatasetHandle dataset);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALAddBand(DatasetHandle dataset, int type, nint options);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALGetRasterXSize(DatasetHandle dataset);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALGetRasterYSize(DatasetHandle dataset);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALGetRasterCount(DatasetHandle dataset);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALGetGeoTransform(DatasetHandle dataset, double* transform);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALSetGeoTransform(DatasetHandle dataset, double* transform);
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALGetProjectionRef(DatasetHandle dataset);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial int GDALSetProjection(DatasetHandle dataset, string wkt);
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALGetRasterBand(DatasetHandle dataset, int band);

    // Bands (owned by their dataset) and metadata of both
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALGetRasterDataType(nint band);
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALGetBlockSize(nint band, int* width, int* height);
    [LibraryImport(GdalLibrary.Name)] internal static partial double GDALGetRasterNoDataValue(nint band, int* present);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALSetRasterNoDataValue(nint band, double value);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALGetOverviewCount(nint band);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALSetRasterColorInterpretation(nint band, int interpretation);
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALGetRasterUnitType(nint band);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial int GDALSetRasterUnitType(nint band, string unit);
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALGetDescription(nint majorObject);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial void GDALSetDescription(nint majorObject, string description);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint GDALGetMetadata(nint majorObject, string? domain);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint GDALGetMetadata(DatasetHandle dataset, string? domain);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint GDALGetMetadataItem(nint majorObject, string name, string? domain);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial int GDALSetMetadataItem(DatasetHandle dataset, string name, string value, string? domain);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial int GDALSetMetadataItem(nint majorObject, string name, string value, string? domain);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALReadBlock(nint band, int column, int row, void* pixels);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALWriteBlock(nint band, int column, int row, void* pixels);
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALGetOverview(nint band, int number);
    [LibraryImport(GdalLibrary.Name)] internal static partial int GDALRasterIOEx(nint band, int write, int x, int y, int width, int height, void* buffer, int bufferWidth, int bufferHeight, int bufferType, long pixelSpace, long lineSpace, RasterIoExtraArg* extra);

    // Warp
    [LibraryImport(GdalLibrary.Name)] internal static partial nint GDALWarpAppOptionsNew(nint arguments, nint forBinary);
    [LibraryImport(GdalLibrary.Name)] internal static partial void GDALWarpAppOptionsFree(nint options);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint GDALWarp(string? path, nint destination, int sourceCount, nint* sources, nint options, int* usageError);

    // Reference systems
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial SpatialReferenceHandle OSRNewSpatialReference(string? wkt);
    [LibraryImport(GdalLibrary.Name)] internal static partial void OSRRelease(nint reference);
    [LibraryImport(GdalLibrary.Name)] internal static partial int OSRImportFromEPSG(SpatialReferenceHandle reference, int code);
    [LibraryImport(GdalLibrary.Name)] internal static partial int OSRAutoIdentifyEPSG(SpatialReferenceHandle reference);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial nint OSRGetAuthorityCode(SpatialReferenceHandle reference, string? key);
    [LibraryImport(GdalLibrary.Name)] internal static partial void OSRSetAxisMappingStrategy(SpatialReferenceHandle reference, int strategy);
    [LibraryImport(GdalLibrary.Name)] internal static partial int OSRIsGeographic(SpatialReferenceHandle reference);
    [LibraryImport(GdalLibrary.Name)] internal static partial int OSRExportToWkt(SpatialReferenceHandle reference, nint* wkt);
    [LibraryImport(GdalLibrary.Name)] internal static partial void VSIFree(nint memory);
    [LibraryImport(GdalLibrary.Name)] internal static partial TransformHandle OCTNewCoordinateTransformation(SpatialReferenceHandle from, SpatialReferenceHandle to);
    [LibraryImport(GdalLibrary.Name)] internal static partial void OCTDestroyCoordinateTransformation(nint transform);
    [LibraryImport(GdalLibrary.Name)] internal static partial int OCTTransform(TransformHandle transform, int count, double* x, double* y, double* z);

    // Virtual file system
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial VsiHandle VSIFOpenExL(string path, string mode, int setError);
    [LibraryImport(GdalLibrary.Name)] internal static partial int VSIFCloseL(nint file);
    [LibraryImport(GdalLibrary.Name)] internal static partial int VSIFSeekL(VsiHandle file, ulong offset, int whence);
    [LibraryImport(GdalLibrary.Name)] internal static partial ulong VSIFTellL(VsiHandle file);
    [LibraryImport(GdalLibrary.Name)] internal static partial nuint VSIFReadL(void* buffer, nuint size, nuint count, VsiHandle file);
    [LibraryImport(GdalLibrary.Name)] internal static partial nuint VSIFWriteL(void* buffer, nuint size, nuint count, VsiHandle file);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial int VSIStatExL(string path, void* status, int flags);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial int VSIUnlink(string path);
    [LibraryImport(GdalLibrary.Name, StringMarshalling = StringMarshalling.Utf8)] internal static partial VsiDirectoryHandle VSIOpenDir(string path, int recurseDepth, nint options);
    [LibraryImport(GdalLibrary.Name)] internal static partial DirectoryEntry* VSIGetNextDirEntry(VsiDirectoryHandle directory);
    [LibraryImport(GdalLibrary.Name)] internal static partial void VSICloseDir(nint directory);
}
