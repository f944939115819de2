using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Pipeline.Tests;

/// <summary>Small fields with known errors.</summary>
internal static class TestFields
{
    public static DisplacementField Field(int width, int height, Func<int, int, (float Dx, float Dy)> displacement, float sigma = 0.1f)
    {
        var field = DisplacementField.Empty(width, height, Validity.Valid);
        field.Score.Fill(1);
        field.SigmaDx.Fill(sigma);
        field.SigmaDy.Fill(sigma);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                (field.Dx[x, y], field.Dy[x, y]) = displacement(x, y);
        }

        return field;
    }

    public static Raster<float> Raster(int width, int height, Func<int, int, double> value)
    {
        var raster = new Raster<float>(width, height);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                raster[x, y] = (float)value(x, y);
        }

        return raster;
    }
}
