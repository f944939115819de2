using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Where sunlight that crosses a horizontal plane through the lowest ground would first meet the terrain: each ground pixel, moved along the sun's ray
/// down to the plane, leaves its number there. Without terrain the plane is the image itself.
/// </summary>
internal sealed class ReferencePlane
{
    /// <summary>Value of places that no ground pixel of the image projects to.</summary>
    public const int Outside = -1;

    private readonly int width;
    private readonly int height;
    private readonly int marginX;
    private readonly int marginY;
    private readonly Raster<int>? lookup;

    public ReferencePlane(Scene scene, double sunColumnsPerMetre, double sunRowsPerMetre)
    {
        width = scene.Width;
        height = scene.Height;
        if (scene.Elevation is not { } elevation)
            return;

        LowestMetres = scene.Percentiles(elevation, scene.Valid, 0.001)[0];
        float highest = (float)scene.Percentiles(elevation, scene.Valid, 100)[0];
        double relief = Math.Max(0, highest - LowestMetres);
        marginX = (int)Math.Ceiling(Math.Abs(relief * sunColumnsPerMetre)) + 1;
        marginY = (int)Math.Ceiling(Math.Abs(relief * sunRowsPerMetre)) + 1;
        lookup = new Raster<int>(width + 2 * marginX, height + 2 * marginY).Fill(Outside);
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double metres = elevation[x, y] - LowestMetres;
                int column = x + (int)Math.Round(metres * sunColumnsPerMetre) + marginX, row = y + (int)Math.Round(metres * sunRowsPerMetre) + marginY;
                if ((uint)column < (uint)lookup.Width && (uint)row < (uint)lookup.Height)
                    lookup[column, row] = y * width + x;
            }
        }

        CloseGaps(lookup);
    }

    /// <summary>Elevation of the plane.</summary>
    public double LowestMetres { get; }

    /// <summary>Number (y * width + x) of the ground pixel under a place of the plane, or <see cref="Outside"/>.</summary>
    public int GroundAt(int column, int row)
    {
        if (lookup is null)
            return (uint)column < (uint)width && (uint)row < (uint)height ? row * width + column : Outside;
        column += marginX;
        row += marginY;
        return (uint)column < (uint)lookup.Width && (uint)row < (uint)lookup.Height ? lookup[column, row] : Outside;
    }

    /// <summary>
    /// Ground that falls towards the shadow side is stretched on the plane and leaves single places empty; they belong to the same ground as their
    /// neighbours. Left empty, they would count as "outside" and let any projection look like a shadow.
    /// </summary>
    private static void CloseGaps(Raster<int> plane)
    {
        const int widest = 3;
        for (int y = 0; y < plane.Height; y++)
        {
            var row = plane.Row(y);
            int last = int.MinValue / 2;
            for (int x = 0; x < row.Length; x++)
            {
                if (row[x] == Outside)
                    continue;
                if (x - last - 1 is > 0 and <= widest)
                    row[(last + 1)..x].Fill(row[last]);
                last = x;
            }
        }

        var lastOfColumn = new int[plane.Width];
        lastOfColumn.AsSpan().Fill(int.MinValue / 2);
        for (int y = 0; y < plane.Height; y++)
        {
            for (int x = 0; x < plane.Width; x++)
            {
                if (plane[x, y] == Outside)
                    continue;
                int last = lastOfColumn[x];
                if (y - last - 1 is > 0 and <= widest)
                {
                    for (int between = last + 1; between < y; between++)
                        plane[x, between] = plane[x, last];
                }

                lastOfColumn[x] = y;
            }
        }
    }
}
