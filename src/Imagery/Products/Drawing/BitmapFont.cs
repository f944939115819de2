namespace GdmOptEtq.Imagery.Products.Drawing;

/// <summary>
/// A drawn font: cells of 6 x 10 dots, glyphs of 5 x 7 with up to two rows below the baseline. It needs no font file, so a picture has the same bytes
/// on every machine.
/// </summary>
public static class BitmapFont
{
    public const int AdvanceDots = 6;
    public const int LineDots = 11;
    public const int AscentDots = 7;

    private const int GlyphWidth = 5;

    // One digit per row from the top, in base 32: bit 16 is the leftmost dot. Rows 8 and 9 lie below the baseline.
    private static readonly Dictionary<char, string> s_glyphs = new()
    {
        [' '] = "0", ['!'] = "4444404", ['"'] = "AA", ['#'] = "AAVAVAA", ['$'] = "4FKE5U4", ['%'] = "OP248J3", ['&'] = "CIK8LID", ['\''] = "44",
        ['('] = "2488842", [')'] = "8422248", ['*'] = "04LEL4", ['+'] = "044V44", [','] = "00000448", ['-'] = "000E", ['.'] = "00000CC", ['/'] = "01248G",
        ['0'] = "EHJLPHE", ['1'] = "4C4444E", ['2'] = "EH1248V", ['3'] = "V2421HE", ['4'] = "26AIV22", ['5'] = "VGU11HE", ['6'] = "68GUHHE",
        ['7'] = "V124888", ['8'] = "EHHEHHE", ['9'] = "EHHF12C", [':'] = "0CC0CC", [';'] = "0CC0CC48", ['<'] = "248G842", ['='] = "00V0V",
        ['>'] = "8421248", ['?'] = "EH12404", ['@'] = "EH1DLLE",
        ['A'] = "EHHVHHH", ['B'] = "UHHUHHU", ['C'] = "EHGGGHE", ['D'] = "UHHHHHU", ['E'] = "VGGUGGV", ['F'] = "VGGUGGG", ['G'] = "EHGNHHE",
        ['H'] = "HHHVHHH", ['I'] = "E44444E", ['J'] = "72222IC", ['K'] = "HIKOKIH", ['L'] = "GGGGGGV", ['M'] = "HRLLHHH", ['N'] = "HPPLJJH",
        ['O'] = "EHHHHHE", ['P'] = "UHHUGGG", ['Q'] = "EHHHLID", ['R'] = "UHHUKIH", ['S'] = "FGGE11U", ['T'] = "V444444", ['U'] = "HHHHHHE",
        ['V'] = "HHHHHA4", ['W'] = "HHHLLRH", ['X'] = "HHA4AHH", ['Y'] = "HHA4444", ['Z'] = "V1248GV",
        ['['] = "E88888E", ['\\'] = "0G8421", [']'] = "E22222E", ['^'] = "4AH", ['_'] = "0000000V", ['`'] = "84",
        ['a'] = "00E1FHF", ['b'] = "GGMPHHU", ['c'] = "00EHGHE", ['d'] = "11DJHHF", ['e'] = "00EHVGE", ['f'] = "698S888", ['g'] = "00FHHHF1E",
        ['h'] = "GGMPHHH", ['i'] = "40C444E", ['j'] = "2062222IC", ['k'] = "GGIKOKI", ['l'] = "C44444E", ['m'] = "00QLLHH", ['n'] = "00MPHHH",
        ['o'] = "00EHHHE", ['p'] = "00UHHHUGG", ['q'] = "00FHHHF11", ['r'] = "00MPGGG", ['s'] = "00FGE1U", ['t'] = "88S8896", ['u'] = "00HHHJD",
        ['v'] = "00HHHA4", ['w'] = "00HHLLA", ['x'] = "00HA4AH", ['y'] = "00HHHHF1E", ['z'] = "00V248V",
        ['{'] = "244G442", ['|'] = "4444444", ['}'] = "8441448", ['~'] = "008L2", ['°'] = "CIIC", ['±'] = "44V440V", ['²'] = "C248E",
        ['×'] = "00HA4AH", ['µ'] = "00HHHJTGG", ['–'] = "000V", ['−'] = "000E",
    };

    /// <summary>Width of a line of text, pixels.</summary>
    public static int Width(string text, int scale = 1) => Math.Max(0, text.Length * AdvanceDots - 1) * scale;

    /// <summary>Whether dot (column, row) of a character is set; characters that have no glyph show a box.</summary>
    internal static bool Dot(char character, int column, int row)
    {
        string glyph = s_glyphs.GetValueOrDefault(character, "VHHHHHV");
        if (row >= glyph.Length || column >= GlyphWidth)
            return false;
        char digit = glyph[row];
        int bits = digit <= '9' ? digit - '0' : digit - 'A' + 10;
        return (bits >> (GlyphWidth - 1 - column) & 1) != 0;
    }
}
