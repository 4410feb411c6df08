package scale

import "math"

// A Law is how a quantity grows: A + B·Shape(n).
type Law struct {
	A, B  float64
	Shape func(n float64) float64 // nil: constant, B is 0
}

// At is the law's value for n nodes.
func (l Law) At(n float64) float64 {
	if l.Shape == nil {
		return l.A
	}
	return l.A + l.B*l.Shape(n)
}

// Fit finds the law of a shape that comes nearest to measurements y at sizes n, by least
// squares of relative errors: a small cluster counts as much as a large one. With a nil
// shape, or with fewer than two sizes, it is a constant.
func Fit(n, y []float64, shape func(float64) float64) Law {
	var s, sx, sy, sxx, sxy float64
	for i := range n {
		if y[i] == 0 {
			continue
		}
		x, w := 0.0, 1/(y[i]*y[i])
		if shape != nil {
			x = shape(n[i])
		}
		s, sx, sy, sxx, sxy = s+w, sx+w*x, sy+w*y[i], sxx+w*x*x, sxy+w*x*y[i]
	}
	if s == 0 {
		return Law{}
	}
	if d := s*sxx - sx*sx; shape != nil && math.Abs(d) > 1e-12*s*sxx {
		return Law{A: (sxx*sy - sx*sxy) / d, B: (s*sxy - sx*sy) / d, Shape: shape}
	}
	return Law{A: sy / s}
}

// Worst is the largest relative error of a law.
func (l Law) Worst(n, y []float64) float64 {
	worst := 0.0
	for i := range n {
		if y[i] != 0 {
			worst = max(worst, math.Abs(l.At(n[i])/y[i]-1))
		}
	}
	return worst
}
