using System.Numerics;
using System.Runtime.Intrinsics;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Masking;

/// <summary>One bit per pixel, rows padded to whole words with zeros: a 20 m Sentinel-2 tile takes 3.8 MB, and logic runs on 64 pixels at once.</summary>
internal sealed class BitMask
{
    private readonly ulong[] words;

    public BitMask(int width, int height)
    {
        Width = width;
        Height = height;
        WordsPerRow = (width + 63) / 64;
        words = new ulong[(long)WordsPerRow * height];
        LastWord = width % 64 == 0 ? ulong.MaxValue : (1UL << (width % 64)) - 1;
    }

    private BitMask(BitMask source)
    {
        Width = source.Width;
        Height = source.Height;
        WordsPerRow = source.WordsPerRow;
        LastWord = source.LastWord;
        words = (ulong[])source.words.Clone();
    }

    /// <summary>Fills <paramref name="isSet"/> (one entry per column) for row y.</summary>
    public delegate void RowTest(int y, Span<bool> isSet);

    public int Width { get; }

    public int Height { get; }

    public int WordsPerRow { get; }

    /// <summary>The bits of the last word of a row that belong to pixels.</summary>
    public ulong LastWord { get; }

    public bool this[int x, int y]
    {
        get => (words[y * WordsPerRow + (x >> 6)] >> (x & 63) & 1) != 0;
        set
        {
            ref ulong word = ref words[y * WordsPerRow + (x >> 6)];
            word = value ? word | 1UL << (x & 63) : word & ~(1UL << (x & 63));
        }
    }

    public Span<ulong> Row(int y) => words.AsSpan(y * WordsPerRow, WordsPerRow);

    public BitMask Clone() => new(this);

    public static BitMask Where(int width, int height, Workers workers, RowTest test)
    {
        var mask = new BitMask(width, height);
        workers.Rows(height, 32, () => new bool[mask.WordsPerRow * 64], (first, afterLast, isSet) =>
        {
            for (int y = first; y < afterLast; y++)
            {
                test(y, isSet.AsSpan(0, width));
                Pack(isSet, mask.Row(y));
            }
        });
        return mask;
    }

    /// <summary>The bits of row y as one truth value per column.</summary>
    public void Unpack(int y, Span<bool> isSet)
    {
        var row = Row(y);
        for (int x = 0; x < isSet.Length; x++)
            isSet[x] = (row[x >> 6] >> (x & 63) & 1) != 0;
    }

    public BitMask And(BitMask other) => Combine(other, static (a, b) => a & b);

    public BitMask AndNot(BitMask other) => Combine(other, static (a, b) => a & ~b);

    public BitMask Or(BitMask other) => Combine(other, static (a, b) => a | b);

    /// <summary>Every pixel turned round.</summary>
    public BitMask Invert()
    {
        for (int y = 0; y < Height; y++)
        {
            var row = Row(y);
            for (int i = 0; i < row.Length; i++)
                row[i] = ~row[i];
            if (row.Length > 0)
                row[^1] &= LastWord;
        }

        return this;
    }

    public long Count()
    {
        long count = 0;
        foreach (ulong word in words)
            count += BitOperations.PopCount(word);
        return count;
    }

    public bool Any() => words.AsSpan().ContainsAnyExcept(0UL);

    /// <summary>Whether any pixel of row y from <paramref name="start"/> up to, not including, <paramref name="end"/> is set.</summary>
    public bool AnyIn(int y, int start, int end)
    {
        var row = Row(y);
        int firstWord = start >> 6, lastWord = (end - 1) >> 6;
        for (int i = firstWord; i <= lastWord; i++)
        {
            ulong word = row[i];
            if (i == firstWord)
                word &= ulong.MaxValue << (start & 63);
            if (i == lastWord)
                word &= ulong.MaxValue >> (63 - ((end - 1) & 63));
            if (word != 0)
                return true;
        }

        return false;
    }

    /// <summary>Sets the pixels of row y from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    public void SetRange(int y, int start, int end)
    {
        var row = Row(y);
        int firstWord = start >> 6, lastWord = (end - 1) >> 6;
        for (int i = firstWord; i <= lastWord; i++)
        {
            ulong word = ulong.MaxValue;
            if (i == firstWord)
                word &= ulong.MaxValue << (start & 63);
            if (i == lastWord)
                word &= ulong.MaxValue >> (63 - ((end - 1) & 63));
            row[i] |= word;
        }
    }

    private BitMask Combine(BitMask other, Func<Vector<ulong>, Vector<ulong>, Vector<ulong>> combine)
    {
        if (other.Width != Width || other.Height != Height)
            throw new ArgumentException("The masks differ in size.", nameof(other));
        int i = 0, lanes = Vector<ulong>.Count;
        for (; i <= words.Length - lanes; i += lanes)
            combine(new Vector<ulong>(words, i), new Vector<ulong>(other.words, i)).CopyTo(words, i);
        for (; i < words.Length; i++)
            words[i] = combine(new Vector<ulong>(words[i]), new Vector<ulong>(other.words[i]))[0];
        return this;
    }

    private static void Pack(ReadOnlySpan<bool> isSet, Span<ulong> row)
    {
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(isSet);
        for (int i = 0; i < row.Length; i++)
        {
            var low = Vector256.Create(bytes.Slice(64 * i, 32));
            var high = Vector256.Create(bytes.Slice(64 * i + 32, 32));
            row[i] = ~((ulong)Vector256.Equals(low, Vector256<byte>.Zero).ExtractMostSignificantBits()
                | (ulong)Vector256.Equals(high, Vector256<byte>.Zero).ExtractMostSignificantBits() << 32);
        }
    }
}
