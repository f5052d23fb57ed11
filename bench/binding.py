"""The benchmark's problems for Python, through the shared module (src/problem/problem.h is the reference)."""
import ctypes
import math
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
LIBRARY = "libhone_bench_problems.so"
FLOAT, INT, CATEGORICAL, ORDINAL = range(4)


class Parameter(ctypes.Structure):
    """hn_problem_parameter."""
    _fields_ = [("raw_name", ctypes.c_char_p), ("kind", ctypes.c_int), ("low", ctypes.c_double),
                ("high", ctypes.c_double), ("step", ctypes.c_double), ("log", ctypes.c_int),
                ("n_choices", ctypes.c_int), ("raw_choices", ctypes.c_char_p), ("raw_when", ctypes.c_char_p)]

    @property
    def name(self):
        return self.raw_name.decode()

    @property
    def choices(self):
        return self.raw_choices.decode().split() if self.raw_choices else []

    @property
    def when(self):
        return self.raw_when.decode() if self.raw_when else None


def find_library():
    """The module named by HONE_BENCH_LIBRARY, or the newest one under the project's build folders."""
    named = os.environ.get("HONE_BENCH_LIBRARY")
    if named:
        return named
    built = sorted(HERE.parent.glob(f"build*/**/{LIBRARY}"), key=lambda path: path.stat().st_mtime)
    if not built:
        sys.exit(f"no {LIBRARY} under {HERE.parent}/build*: build the target hone_bench_problems, or set "
                 "HONE_BENCH_LIBRARY to it")
    return str(built[-1])


def load():
    os.environ.setdefault("HONE_DATA_DIR", str(HERE.parent.parent / "shared" / "data"))
    library = ctypes.CDLL(find_library())
    pointer, doubles = ctypes.c_void_p, ctypes.POINTER(ctypes.c_double)
    signatures = {
        "count": (ctypes.c_int, []),
        "at": (pointer, [ctypes.c_int]),
        "name": (ctypes.c_char_p, [pointer]),
        "family": (ctypes.c_char_p, [pointer]),
        "epochs": (ctypes.c_int, [pointer]),
        "curve": (ctypes.c_int, [pointer, doubles, doubles]),
        "parameter_count": (ctypes.c_int, [pointer]),
        "parameter_at": (ctypes.POINTER(Parameter), [pointer, ctypes.c_int]),
        "parameter_active": (ctypes.c_bool, [pointer, ctypes.c_int, doubles]),
        "instance_create": (pointer, [pointer, ctypes.c_uint64]),
        "instance_destroy": (None, [pointer]),
        "evaluate": (ctypes.c_double, [pointer, doubles]),
        "optimum": (ctypes.c_double, [pointer]),
        "optimum_point": (None, [pointer, doubles]),
        "random_point": (None, [pointer, ctypes.c_uint64, doubles]),
        "median": (ctypes.c_double, [pointer]),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, "hn_problem_" + name)
        function.restype, function.argtypes = result, arguments
    return library


class Problem:
    def __init__(self, library, index):
        self.library = library
        self.handle = library.hn_problem_at(index)
        self.name = library.hn_problem_name(self.handle).decode()
        self.family = library.hn_problem_family(self.handle).decode()
        self.epochs = library.hn_problem_epochs(self.handle)  # 1 without learning curves
        count = library.hn_problem_parameter_count(self.handle)
        self.parameters = [library.hn_problem_parameter_at(self.handle, i).contents for i in range(count)]

    def new_point(self):
        return (ctypes.c_double * len(self.parameters))(*[math.nan] * len(self.parameters))

    def active(self, i, point):
        return self.library.hn_problem_parameter_active(self.handle, i, point)


class Instance:
    """A problem with its optimum moved by a seed."""

    def __init__(self, problem, seed):
        self.problem, self.library = problem, problem.library
        self.handle = self.library.hn_problem_instance_create(problem.handle, seed)
        if not self.handle:
            raise MemoryError

    def __del__(self):
        self.library.hn_problem_instance_destroy(self.handle)

    def evaluate(self, point):
        return self.library.hn_problem_evaluate(self.handle, point)

    def optimum(self):
        return self.library.hn_problem_optimum(self.handle)

    def median(self):
        return self.library.hn_problem_median(self.handle)

    def optimum_point(self):
        point = self.problem.new_point()
        self.library.hn_problem_optimum_point(self.handle, point)
        return point

    def random_point(self, index):
        point = self.problem.new_point()
        self.library.hn_problem_random_point(self.handle, index, point)
        return point


def problems():
    library = load()
    return [Problem(library, i) for i in range(library.hn_problem_count())]
