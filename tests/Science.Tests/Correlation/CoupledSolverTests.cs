using GdmOptEtq.Science.Correlation;
using GdmOptEtq.Science.Rasters;

namespace GdmOptEtq.Science.Tests.Correlation;

/// <summary>The solver's kernels against the equations written out pixel by pixel.</summary>
public class CoupledSolverTests
{
    private const int Width = 75, Height = 70;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, -2)]
    [InlineData(-1, 4)]
    public void The_field_found_satisfies_the_equation_of_every_pixel(int alongX, int alongY)
    {
        var solver = Equations(alongX, alongY, Workers.Single);
        var (startX, _) = Misfit(solver, 0, Width);
        solver.Solve(300, 0);
        var (missX, missY) = Misfit(solver, 0, Width);
        missX.ShouldBeLessThan(2e-4 * startX);
        missY.ShouldBeLessThan(2e-4 * startX);
    }

    [Fact]
    public void Columns_that_are_not_worked_on_are_held_and_the_others_solved_beside_them()
    {
        var solver = Equations(0, 0, Workers.Single);
        var calm = CellGrid.Create(Width, Height).Fill(1);
        for (int row = 0; row < calm.Height; row++)
            calm[9, row] = 0;
        solver.Active = ActiveColumns.AroundFaults(calm, 3);
        var (from, to) = solver.Active[5][0];
        (from, to).ShouldBe((24, 56));
        var before = solver.Dx.Row(11).ToArray();
        solver.Solve(300, 0).ShouldBeGreaterThan(5);
        for (int x = 0; x < Width; x++)
            (solver.Dx.Row(11)[x] == before[x]).ShouldBe(x < from || x >= to);
        Misfit(solver, from, to).X.ShouldBeLessThan(1e-3);
    }

    [Fact]
    public void Any_number_of_threads_gives_the_same_bytes()
    {
        var (one, three) = (Equations(2, 3, Workers.Single), Equations(2, 3, new Workers(3)));
        one.Solve(9, 0);
        three.Solve(9, 0);
        three.Dx.Data.ShouldBe(one.Dx.Data);
        three.Dy.Data.ShouldBe(one.Dy.Data);
    }

    [Fact]
    public void A_field_that_solves_the_equations_already_is_left_alone()
    {
        var solver = Equations(0, 0, Workers.Single);
        solver.Solve(300, 1e-9).ShouldBeLessThan(300);
        solver.Solve(300, 1e-6).ShouldBe(0);
    }

    private static CoupledSolver Equations(int alongX, int alongY, Workers workers)
    {
        var random = new Random(7);
        float Next(double most) => (float)(random.NextDouble() * most);
        var solver = new CoupledSolver(Width, Height, workers, alongX, alongY);
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                float gx = Next(2) - 1, gy = Next(2) - 1;
                (solver.A11.Row(y)[x], solver.A12.Row(y)[x], solver.A22.Row(y)[x]) = (gx * gx, gx * gy, gy * gy);
                (solver.Bx.Row(y)[x], solver.By.Row(y)[x]) = (Next(2) - 1, Next(2) - 1);
                (solver.Dx.Row(y)[x], solver.Dy.Row(y)[x]) = (Next(1), Next(1));
                (solver.Vxx.Row(y)[x], solver.Vyx.Row(y)[x], solver.Vxy.Row(y)[x], solver.Vyy.Row(y)[x]) = (Next(0.1), Next(0.1), Next(0.1), Next(0.1));
                solver.Right.Row(y)[x] = x + 1 < Width ? Next(4) : 0;
                solver.Down.Row(y)[x] = y + 1 < Height ? Next(4) : 0;
                if (!solver.Directed)
                    continue;
                bool inside = (uint)(x + alongX) < Width && (uint)(y + alongY) < Height;
                solver.Along.Row(y)[x] = inside ? Next(4) : 0;
                (solver.Vax.Row(y)[x], solver.Vay.Row(y)[x]) = (Next(0.1), Next(0.1));
            }

        return solver;
    }

    /// <summary>Root mean square of what is left of the equations of the columns [from, to).</summary>
    private static (double X, double Y) Misfit(CoupledSolver s, int from, int to)
    {
        double sumX = 0, sumY = 0;
        for (int y = 0; y < Height; y++)
            for (int x = from; x < to; x++)
            {
                double dx = s.Dx.Row(y)[x], dy = s.Dy.Row(y)[x], a12 = s.A12.Row(y)[x];
                double rx = s.Bx.Row(y)[x] - s.A11.Row(y)[x] * dx - a12 * dy, ry = s.By.Row(y)[x] - s.A22.Row(y)[x] * dy - a12 * dx;
                void Pull(Plane links, Plane expectedX, Plane expectedY, int ownX, int ownY, int otherX, int otherY, int sign)
                {
                    if ((uint)ownX >= Width || (uint)ownY >= Height || links.Row(ownY)[ownX] is 0)
                        return;
                    double w = links.Row(ownY)[ownX];
                    rx += w * (s.Dx.Row(otherY)[otherX] - dx - sign * expectedX.Row(ownY)[ownX]);
                    ry += w * (s.Dy.Row(otherY)[otherX] - dy - sign * expectedY.Row(ownY)[ownX]);
                }

                Pull(s.Right, s.Vxx, s.Vyx, x, y, x + 1, y, 1);
                Pull(s.Right, s.Vxx, s.Vyx, x - 1, y, x - 1, y, -1);
                Pull(s.Down, s.Vxy, s.Vyy, x, y, x, y + 1, 1);
                Pull(s.Down, s.Vxy, s.Vyy, x, y - 1, x, y - 1, -1);
                if (s.Directed)
                {
                    Pull(s.Along, s.Vax, s.Vay, x, y, x + s.AlongX, y + s.AlongY, 1);
                    Pull(s.Along, s.Vax, s.Vay, x - s.AlongX, y - s.AlongY, x - s.AlongX, y - s.AlongY, -1);
                }

                sumX += rx * rx;
                sumY += ry * ry;
            }

        int count = Height * (to - from);
        return (Math.Sqrt(sumX / count), Math.Sqrt(sumY / count));
    }
}
