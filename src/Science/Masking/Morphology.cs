using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>A flat structuring element, symmetric in both directions: half width of each row from the centre outwards.</summary>
internal readonly record struct StructuringElement(int[] HalfWidths)
{
    public static StructuringElement Square(int halfWidth) => new(Enumerable.Repeat(halfWidth, halfWidth + 1).ToArray());

    /// <summary>
    /// Disc of a radius in pixels. For 5 and 10 the octagons of the original's default radii (69 and 321 pixels), else the Euclidean disc.
    /// </summary>
    public static StructuringElement Disc(int radius) => radius switch
    {
        5 => new([4, 4, 4, 3, 2]),
        10 => new([9, 9, 9, 9, 9, 9, 8, 7, 6, 5]),
        _ => new(Enumerable.Range(0, radius + 1).Select(dy => (int)Math.Sqrt(radius * radius - dy * dy)).ToArray()),
    };
}

/// <summary>Dilation and erosion on packed bits: each row is widened once per distinct half width, then rows are united.</summary>
internal static class Morphology
{
    /// <summary>Outside the image counts as unset.</summary>
    public static BitMask Dilate(BitMask mask, StructuringElement element, Workers workers)
    {
        var result = new BitMask(mask.Width, mask.Height);
        int reach = element.HalfWidths.Length - 1;
        foreach (int halfWidth in element.HalfWidths.Distinct())
        {
            var widened = Widen(mask, halfWidth, workers);
            workers.Rows(mask.Height, 64, (first, afterLast) =>
            {
                for (int y = first; y < afterLast; y++)
                {
                    var to = result.Row(y);
                    for (int dy = -reach; dy <= reach; dy++)
                    {
                        if (element.HalfWidths[Math.Abs(dy)] != halfWidth || (uint)(y + dy) >= (uint)mask.Height)
                            continue;
                        var from = widened.Row(y + dy);
                        for (int i = 0; i < to.Length; i++)
                            to[i] |= from[i];
                    }
                }
            });
        }

        return result;
    }

    /// <summary>Outside the image counts as set.</summary>
    public static BitMask Erode(BitMask mask, StructuringElement element, Workers workers) =>
        Dilate(mask.Clone().Invert(), element, workers).Invert();

    /// <summary>Where at least five of the nine pixels around and including a pixel are set; beyond the border its own pixels are repeated.</summary>
    public static BitMask Majority(BitMask mask, Workers workers)
    {
        var result = new BitMask(mask.Width, mask.Height);
        int lastBit = (mask.Width - 1) & 63;
        workers.Rows(mask.Height, 64, (first, afterLast) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var above = mask.Row(Math.Max(0, y - 1));
                var here = mask.Row(y);
                var below = mask.Row(Math.Min(mask.Height - 1, y + 1));
                var to = result.Row(y);
                for (int i = 0; i < to.Length; i++)
                {
                    // Binary addition of nine bits for 64 pixels at once; the names tell the weight.
                    var (aOne, aTwo) = Triple(above, i);
                    var (bOne, bTwo) = Triple(here, i);
                    var (cOne, cTwo) = Triple(below, i);
                    ulong one = aOne ^ bOne ^ cOne, carry = (aOne & bOne) | (cOne & (aOne ^ bOne));
                    ulong two = aTwo ^ bTwo ^ cTwo, four = (aTwo & bTwo) | (cTwo & (aTwo ^ bTwo));
                    ulong carryFour = two & carry;
                    two ^= carry;
                    to[i] = (four & carryFour) | ((four ^ carryFour) & (one | two));
                }

                to[^1] &= mask.LastWord;
            }
        });
        return result;

        (ulong One, ulong Two) Triple(ReadOnlySpan<ulong> row, int i)
        {
            ulong centre = row[i];
            ulong left = centre << 1 | (i > 0 ? row[i - 1] >> 63 : centre & 1);
            ulong right = centre >> 1 | (i + 1 < row.Length ? row[i + 1] << 63 : (centre >> lastBit & 1) << lastBit);
            return (left ^ centre ^ right, (left & centre) | (right & (left ^ centre)));
        }
    }

    private static BitMask Widen(BitMask mask, int halfWidth, Workers workers)
    {
        var result = mask.Clone();
        workers.Rows(mask.Height, 64, () => new ulong[mask.WordsPerRow], (first, afterLast, copy) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                var row = result.Row(y);
                // Steps that double: after a total of k every pixel has reached k columns to each side.
                for (int done = 0; done < halfWidth;)
                {
                    int step = Math.Min(Math.Min(done + 1, halfWidth - done), 63);
                    row.CopyTo(copy);
                    for (int i = 0; i < row.Length; i++)
                    {
                        ulong left = copy[i] << step | (i > 0 ? copy[i - 1] >> (64 - step) : 0);
                        ulong right = copy[i] >> step | (i + 1 < copy.Length ? copy[i + 1] << (64 - step) : 0);
                        row[i] |= left | right;
                    }

                    row[^1] &= mask.LastWord;
                    done += step;
                }
            }
        });
        return result;
    }
}
