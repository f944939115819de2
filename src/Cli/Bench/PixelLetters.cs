namespace GdmOptEtq.Cli.Bench;

/// <summary>Capitals, digits and signs on 5 x 7 dots for the labels of charts: one byte per column, the lowest bit on top.</summary>
internal static class PixelLetters
{
    public const int Width = 6;
    public const int Height = 7;

    private const string Known = " %()+,-./0123456789:<=>ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly byte[] Columns = Convert.FromHexString(
        "0000000000" + "2313086462" + "001C224100" + "0041221C00" + "08083E0808" + "0050300000" + "0808080808" + "0060600000" + "2010080402"
        + "3E5149453E" + "00427F4000" + "4261514946" + "2141454B31" + "1814127F10" + "2745454539" + "3C4A494930" + "0171090503" + "3649494936" + "064949291E"
        + "0036360000" + "0814224100" + "1414141414" + "0041221408"
        + "7E1111117E" + "7F49494936" + "3E41414122" + "7F4141221C" + "7F49494941" + "7F09090901" + "3E4149497A" + "7F0808087F" + "00417F4100" + "2040413F01"
        + "7F08142241" + "7F40404040" + "7F020C027F" + "7F0408107F" + "3E4141413E" + "7F09090906" + "3E4151215E" + "7F09192946" + "4649494931" + "01017F0101"
        + "3F4040403F" + "1F2040201F" + "3F4038403F" + "6314081463" + "0708700807" + "6151494543");

    /// <summary>The dots of <paramref name="text"/>, from its upper left corner; small letters are shown as capitals.</summary>
    public static IEnumerable<(int X, int Y)> Dots(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            int letter = Math.Max(0, Known.IndexOf(char.ToUpperInvariant(text[i])));
            for (int column = 0; column < 5; column++)
            {
                for (int row = 0; row < Height; row++)
                {
                    if (((Columns[letter * 5 + column] >> row) & 1) != 0)
                        yield return (i * Width + column, row);
                }
            }
        }
    }
}
