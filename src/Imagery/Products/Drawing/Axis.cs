using System.Globalization;

namespace GdmOptEtq.Imagery.Products.Drawing;

/// <summary>Round numbers along an axis.</summary>
public static class Axis
{
    /// <summary>The values of 1, 2 or 5 times a power of ten inside [minimum, maximum], about <paramref name="count"/> of them.</summary>
    public static IReadOnlyList<double> Ticks(double minimum, double maximum, int count = 5)
    {
        if (!(maximum > minimum) || !double.IsFinite(maximum - minimum))
            return [minimum];
        double step = Step((maximum - minimum) / Math.Max(1, count));
        var ticks = new List<double>();
        for (double i = Math.Ceiling(minimum / step - 1e-9); i * step <= maximum + 1e-9 * step; i++)
            ticks.Add(i == 0 ? 0 : i * step);
        return ticks;
    }

    /// <summary>The next 1, 2 or 5 times a power of ten that is not below <paramref name="size"/>.</summary>
    public static double Step(double size)
    {
        double power = Math.Pow(10, Math.Floor(Math.Log10(size)));
        double digit = size / power;
        return power * (digit <= 1 + 1e-9 ? 1 : digit <= 2 + 1e-9 ? 2 : digit <= 5 + 1e-9 ? 5 : 10);
    }

    /// <summary>Six significant digits, without an exponent as long as that is readable.</summary>
    public static string Label(double value) => Math.Abs(value) is >= 1e6 or (> 0 and < 1e-4)
        ? value.ToString("0.##E+0", CultureInfo.InvariantCulture)
        : Math.Round(value, 6).ToString("0.######", CultureInfo.InvariantCulture);
}
