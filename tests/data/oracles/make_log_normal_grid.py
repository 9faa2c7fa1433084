#!/usr/bin/env python3
"""Makes log_normal_grid.json: python3 make_log_normal_grid.py > log_normal_grid.json
(Debian's python3-mpmath and python3-gmpy2; some minutes.)

The truncated log-normal posterior q of Neklyudov et al. 2017, log z = l in [-20, 0], density
proportional to u(l) = exp(-(l - mu)^2 / (2 sigma^2)), against the log-uniform prior of density 1/20.
Everything comes from integrals over l, by Gauss-Legendre quadrature in 50 digits, and from nothing
that the program computes with: no error function, no closed form of a moment. With d = l - mu,
M_k = E d^k and the score of u (d / sigma^2 by mu, d^2 / sigma^2 by log sigma):

    KL            = log 20 - log(integral of u) - M_2 / (2 sigma^2)
    dKL/dmu       = -(M_3 - M_1 M_2) / (2 sigma^4)
    dKL/dlog s    = -(M_4 - M_2^2) / (2 sigma^4)
    dE z/dmu      = Cov(z, d) / sigma^2,        dE z/dlog s = Cov(z, d^2) / sigma^2
    dl/dtheta     = -(dF/dtheta) / q(l)         of the sample l whose F(l) = y, F the distribution
    dF/dmu        = (E[d; t < l] - F M_1) / sigma^2,    with d^2 and M_2 by log s
"""

import json
import sys

from mpmath import mp, mpf
from mpmath.calculus.quadrature import GaussLegendre

mp.dps = 60  # ten to lose
LOW, HIGH = mpf(-20), mpf(0)
NODES = GaussLegendre(mp).calc_nodes(5, mp.prec)  # 48 points
SAMPLES = ["0.001", "0.3", "0.95"]


def bounds(mu, sigma, high):
    """Where u, and z^2 u, are not under 1e-50 of their integrals."""
    return max(LOW, mu - 16 * sigma), min(high, mu + 16 * sigma + 2 * sigma**2)


def pieces(low, high, width):
    count = int(mp.ceil((high - low) / width))
    return [(low + (high - low) * i / count, low + (high - low) * (i + 1) / count)
            for i in range(count)]


def integrals(mu, sigma, high, with_z):
    """Up to `high` of u, d u, .. d^4 u, with_z then of z, z d, z d^2, z^2 times u."""
    sums = [mpf(0)] * 9
    low, high = bounds(mu, sigma, high)
    for begin, end in pieces(low, high, 2 * min(sigma, mpf(1))):
        half, middle = (end - begin) / 2, (end + begin) / 2
        for x, weight in NODES:
            l = middle + half * x
            d = l - mu
            u = half * weight * mp.exp(-d * d / (2 * sigma**2))
            for k in range(5):
                sums[k] += u * d**k
            if with_z:
                z = mp.exp(l)
                for i, f in enumerate((z, z * d, z * d**2, z * z)):
                    sums[5 + i] += u * f
    return sums


def mass(mu, sigma, high):
    """The integral of u up to there."""
    return sum(((end - begin) / 2 * weight
                * mp.exp(-((begin + end) / 2 + (end - begin) / 2 * x - mu)**2 / (2 * sigma**2))
                for begin, end in pieces(*bounds(mu, sigma, high), 2 * sigma)
                for x, weight in NODES), mpf(0))


def quantile(mu, sigma, total, y):
    """By Newton from the last bound of a bisection."""
    low, high = bounds(mu, sigma, HIGH)
    for _ in range(12):
        middle = (low + high) / 2
        if mass(mu, sigma, middle) < y * total:
            low = middle
        else:
            high = middle
    l = (low + high) / 2
    for _ in range(8):
        step = (mass(mu, sigma, l) - y * total) / mp.exp(-(l - mu)**2 / (2 * sigma**2))
        l -= step
        if abs(step) < mpf(10)**-30 * sigma:
            break
    else:
        raise ArithmeticError(f"no quantile at {mu}, {sigma}, {y}")
    return l


def row(mu, log_sigma):
    mu, sigma = mpf(mu), mp.exp(mpf(log_sigma))
    whole = integrals(mu, sigma, HIGH, True)
    total = whole[0]
    m1, m2, m3, m4, z, zd, zdd, zz = [x / total for x in whole[1:]]
    values = [
        mp.log(HIGH - LOW) - mp.log(total) - m2 / (2 * sigma**2),
        -(m3 - m1 * m2) / (2 * sigma**4),
        -(m4 - m2**2) / (2 * sigma**4),
        z,
        zz,
        z / mp.sqrt(zz - z**2),
        (zd - z * m1) / sigma**2,
        (zdd - z * m2) / sigma**2,
    ]
    for y in map(mpf, SAMPLES):
        l = quantile(mu, sigma, total, y)
        below = [x / total for x in integrals(mu, sigma, l, False)]
        density = mp.exp(-(l - mu)**2 / (2 * sigma**2)) / total
        values += [l,
                   -(below[1] - below[0] * m1) / sigma**2 / density,
                   -(below[2] - below[0] * m2) / sigma**2 / density]
    return values


def number(x):
    # By symmetry some are 0; quadrature leaves 1e-50 of them.
    return "0" if abs(x) < mpf(10)**-40 else mp.nstr(x, 20, min_fixed=0, max_fixed=1)


def main():
    columns = ["mu", "log_sigma", "kl", "kl_by_mu", "kl_by_log_sigma", "mean", "second", "snr",
               "mean_by_mu", "mean_by_log_sigma"]
    for y in SAMPLES:
        columns += [f"log_z at {y}", f"log_z_by_mu at {y}", f"log_z_by_log_sigma at {y}"]
    print('{"about": "see make_log_normal_grid.py",')
    print(f' "columns": {json.dumps(columns)},')
    print(f' "samples": [{", ".join(SAMPLES)}],')
    print(' "rows": [')
    grid = [(mu, half / 2) for mu in range(-20, 1, 2) for half in range(-12, 9)]
    for i, (mu, log_sigma) in enumerate(grid):
        numbers = [str(mu), str(log_sigma)] + [number(x) for x in row(mu, log_sigma)]
        print(f'  [{", ".join(numbers)}]{"," if i + 1 < len(grid) else ""}')
        print(f"\r{i + 1} of {len(grid)}", end="", file=sys.stderr)
    print("]}")


if __name__ == "__main__":
    main()
