using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>The ground as the search for shadows sees it, and how well the projection of a cloud fits it.</summary>
internal sealed class ShadowGround
{
    private const byte PotentialShadowBit = 1, UnsureBit = 2, WaterBit = 4;

    private readonly int width;
    private readonly Raster<int> labels;
    private readonly Raster<byte> kinds;
    private readonly ReferencePlane plane;
    private readonly double sunColumnsPerMetre;
    private readonly double sunRowsPerMetre;
    private readonly bool shadowOverWater;

    public ShadowGround(Scene scene, Raster<int> labels, BitMask cloud, BitMask potentialShadow, BitMask anyWater)
    {
        width = scene.Width;
        this.labels = labels;
        shadowOverWater = scene.Parameters.ShadowOverWater;
        LeastSimilarity = scene.Parameters.ShadowSimilarity;
        double pixel = scene.Bands.PixelSizeMetres, tanElevation = Math.Tan(scene.Angles.SunElevationDegrees * Math.PI / 180);
        var (sine, cosine) = Math.SinCos(scene.Angles.SunAzimuthDegrees * Math.PI / 180);
        sunColumnsPerMetre = -sine / (pixel * tanElevation);
        sunRowsPerMetre = cosine / (pixel * tanElevation);
        HeightStep = 2 * pixel * tanElevation;
        LeastDistance = scene.Parameters.CloudBaseMinimum / (pixel * tanElevation);
        plane = new ReferencePlane(scene, sunColumnsPerMetre, sunRowsPerMetre);
        kinds = new Raster<byte>(width, scene.Height);
        scene.Workers.Rows(scene.Height, 64, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var row = kinds.Row(y);
                for (int x = 0; x < width; x++)
                {
                    row[x] = (byte)((potentialShadow[x, y] ? PotentialShadowBit : 0)
                        | (cloud[x, y] || !scene.Valid[x, y] ? UnsureBit : 0)
                        | (anyWater[x, y] ? WaterBit : 0));
                }
            }
        });
    }

    /// <summary>Height over which a shadow moves two pixels, metres.</summary>
    public double HeightStep { get; }

    /// <summary>Pixels by which a shadow must have left its cloud.</summary>
    public double LeastDistance { get; }

    public double LeastSimilarity { get; }

    /// <summary>Elevation of the reference plane, metres.</summary>
    public double PlaneMetres => plane.LowestMetres;

    /// <summary>
    /// Share of the projected cloud that falls on dark ground, with clouds and null counting half and the outside counting full; the distance in pixels
    /// from the cloud to its projection; and whether the projection lies wholly on water.
    /// </summary>
    public (double Similarity, double Distance, bool AllWater) Compare(CloudObject cloud, double heightMetres)
    {
        var (columns, rows) = Shift(cloud, heightMetres);
        long outside = 0, other = 0, sure = 0, unsure = 0, water = 0, inside = 0, sumX = 0, sumY = 0;
        foreach (var (x, y) in cloud.Sample)
        {
            int pixel = plane.GroundAt(x + columns, y + rows);
            if (pixel == ReferencePlane.Outside)
            {
                outside++;
                continue;
            }

            inside++;
            int row = pixel / width;
            sumX += pixel - row * width;
            sumY += row;
            byte kind = kinds.Pixels[pixel];
            water += (kind & WaterBit) >> 2;
            if (labels.Pixels[pixel] == cloud.Label)
                continue;
            other++;
            sure += kind & PotentialShadowBit;
            unsure += (kind & UnsureBit) >> 1;
        }

        double similarity = (sure + 0.5 * unsure + outside) / (other + outside);
        double shadowX = inside > 0 ? (double)sumX / inside : cloud.CentroidX + columns, shadowY = inside > 0 ? (double)sumY / inside : cloud.CentroidY + rows;
        double distance = Math.Sqrt(Math.Pow(shadowX - cloud.CentroidX, 2) + Math.Pow(shadowY - cloud.CentroidY, 2));
        return (similarity, distance, !shadowOverWater && inside > 0 && water == inside);
    }

    /// <summary>Marks the whole projection of the cloud.</summary>
    public void Mark(CloudObject cloud, double heightMetres, BitMask shadow)
    {
        var (columns, rows) = Shift(cloud, heightMetres);
        foreach (var run in cloud.Runs)
        {
            for (int x = run.Start; x < run.End; x++)
            {
                int pixel = plane.GroundAt(x + columns, run.Y + rows);
                if (pixel != ReferencePlane.Outside)
                    shadow[pixel % width, pixel / width] = true;
            }
        }
    }

    private (int Columns, int Rows) Shift(CloudObject cloud, double heightMetres)
    {
        double aboveGround = heightMetres - cloud.GroundMetres;
        return ((int)Math.Round(aboveGround * cloud.ViewColumnsPerMetre + heightMetres * sunColumnsPerMetre),
            (int)Math.Round(aboveGround * cloud.ViewRowsPerMetre + heightMetres * sunRowsPerMetre));
    }
}
