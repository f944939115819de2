namespace GdmOptEtq.Science.Masking;

/// <summary>
/// Grey-scale hole filling, 4-connected, from the border of the image inwards: every pixel is raised to the lowest possible maximum on a path to the
/// border. Exact, by flooding in the order of the levels (priority flood, Barnes et al. 2014) with one stack per level.
/// </summary>
internal static class HoleFilling
{
    public const int Levels = 1 << 16;

    /// <summary>Where filling raises a pixel by more than <paramref name="depth"/> levels. One thread; 4 bytes per pixel of scratch.</summary>
    /// <param name="surroundings">Level of the frame around the image: hollows open to the border are filled up to it; 0 lets them run dry.</param>
    public static BitMask DeeperThan(ReadOnlySpan<ushort> level, int width, int height, int depth, ushort surroundings = 0)
    {
        var deep = new BitMask(width, height);
        const int end = -1, unvisited = -2;
        var next = new int[width * height];
        next.AsSpan().Fill(unvisited);
        var top = new int[Levels];
        top.AsSpan().Fill(end);
        for (int x = 0; x < width; x++)
        {
            Push(x, Math.Max(surroundings, level[x]));
            Push((height - 1) * width + x, Math.Max(surroundings, level[(height - 1) * width + x]));
        }

        for (int y = 1; y < height - 1; y++)
        {
            Push(y * width, Math.Max(surroundings, level[y * width]));
            Push(y * width + width - 1, Math.Max(surroundings, level[y * width + width - 1]));
        }

        for (int water = 0; water < Levels; water++)
        {
            while (top[water] != end)
            {
                int pixel = top[water];
                top[water] = next[pixel];
                int y = pixel / width, x = pixel - y * width;
                if (water - level[pixel] > depth)
                    deep[x, y] = true;
                if (x > 0)
                    Push(pixel - 1, Math.Max(water, level[pixel - 1]));
                if (x < width - 1)
                    Push(pixel + 1, Math.Max(water, level[pixel + 1]));
                if (y > 0)
                    Push(pixel - width, Math.Max(water, level[pixel - width]));
                if (y < height - 1)
                    Push(pixel + width, Math.Max(water, level[pixel + width]));
            }
        }

        return deep;

        void Push(int pixel, int at)
        {
            if (next[pixel] != unvisited)
                return;
            next[pixel] = top[at];
            top[at] = pixel;
        }
    }
}
