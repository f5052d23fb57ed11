"""The peers' samplers behind one face: ask() gives a point of a problem, tell(value) its value.

A package is imported when one of its samplers is used, so that each can be missing.
"""
import importlib.metadata
import math

import binding


def steps(p):
    """How many values a stepped parameter has."""
    return int(math.floor((p.high - p.low) / p.step + 1e-9)) + 1


class OptunaSearch:
    """Ordinal parameters are ranks, an int to Optuna: what an expert would tell it. Conditions are written the
    define-by-run way: inactive is never suggested."""
    package = "optuna"

    def __init__(self, problem, seed, make):
        import optuna
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.problem = problem
        self.study = optuna.create_study(direction="minimize", sampler=make(optuna.samplers, seed))

    def suggest(self, p):
        if p.kind == binding.CATEGORICAL:
            return self.trial.suggest_categorical(p.name, list(range(p.n_choices)))
        if p.kind == binding.ORDINAL:
            return self.trial.suggest_int(p.name, 0, p.n_choices - 1)
        if p.kind == binding.INT:
            return self.trial.suggest_int(p.name, int(p.low), int(p.high), step=int(p.step), log=bool(p.log))
        return self.trial.suggest_float(p.name, p.low, p.high, step=p.step or None, log=bool(p.log))

    def ask(self):
        self.trial, point = self.study.ask(), self.problem.new_point()
        for i, p in enumerate(self.problem.parameters):
            if self.problem.active(i, point):
                point[i] = self.suggest(p)
        return point

    def tell(self, value):
        self.study.tell(self.trial, value)


class SkoptSearch:
    """It knows no conditions: inactive parameters are asked for, and left out of the point. A stepped number is its
    position in the row of values."""
    package = "scikit-optimize"

    def __init__(self, problem, seed, estimator):
        import skopt
        self.problem = problem
        self.optimizer = skopt.Optimizer([self.dimension(p) for p in problem.parameters], base_estimator=estimator,
                                         random_state=seed)

    @staticmethod
    def dimension(p):
        from skopt.space import Categorical, Integer, Real
        if p.kind == binding.CATEGORICAL:
            return Categorical(list(range(p.n_choices)))
        if p.kind == binding.ORDINAL:
            return Integer(0, p.n_choices - 1)
        if p.step and not p.log:
            return Integer(0, steps(p) - 1)
        prior = "log-uniform" if p.log else "uniform"
        return Integer(int(p.low), int(p.high), prior=prior) if p.kind == binding.INT else Real(p.low, p.high, prior=prior)

    def ask(self):
        self.asked, point = self.optimizer.ask(), self.problem.new_point()
        for i, p in enumerate(self.problem.parameters):
            value = float(self.asked[i])
            if self.problem.active(i, point):
                point[i] = p.low + value * p.step if p.step and not p.log and not p.n_choices else value
        return point

    def tell(self, value):
        self.optimizer.tell(self.asked, value)


class SmacSearch:
    """SMAC's facade for hyperparameters, with conditions in its own words."""
    package = "smac"

    def __init__(self, problem, seed, n_trials):
        import ConfigSpace
        import smac
        import tempfile
        self.problem = problem
        space = ConfigSpace.ConfigurationSpace(seed=seed)
        made = {p.name: self.parameter(ConfigSpace, p) for p in problem.parameters}
        space.add(*made.values())
        space.add(*(self.condition(ConfigSpace, p, made) for p in problem.parameters if p.when))
        self.folder = tempfile.TemporaryDirectory()
        scenario = smac.Scenario(space, deterministic=True, n_trials=n_trials, seed=seed, output_directory=self.folder.name)
        self.facade = smac.HyperparameterOptimizationFacade(
            scenario, lambda config, seed: 0.0, overwrite=True, logging_level=False)

    @staticmethod
    def parameter(space, p):
        if p.kind == binding.CATEGORICAL:
            return space.Categorical(p.name, list(range(p.n_choices)))
        if p.kind == binding.ORDINAL:
            return space.Integer(p.name, (0, p.n_choices - 1))
        if p.step and not p.log:
            return space.Integer(p.name, (0, steps(p) - 1))
        if p.kind == binding.INT:
            return space.Integer(p.name, (int(p.low), int(p.high)), log=bool(p.log))
        return space.Float(p.name, (p.low, p.high), log=bool(p.log))

    def condition(self, space, p, made):
        name, relation, operand = p.when.split()
        parent = next(q for q in self.problem.parameters if q.name == name)
        if relation == ">":  # of an integer without steps
            return space.GreaterThanCondition(made[p.name], made[name], int(operand) - int(parent.low))
        return space.EqualsCondition(made[p.name], made[name], parent.choices.index(operand))

    def ask(self):
        self.info, point = self.facade.ask(), self.problem.new_point()
        values = dict(self.info.config)
        for i, p in enumerate(self.problem.parameters):
            if self.problem.active(i, point):
                value = float(values[p.name])
                point[i] = p.low + value * p.step if p.step and not p.log and not p.n_choices else value
        return point

    def tell(self, value):
        from smac.runhistory.dataclasses import TrialValue
        self.facade.tell(self.info, TrialValue(cost=value))


def optuna(make):
    return OptunaSearch, lambda problem, seed, n_trials: OptunaSearch(problem, seed, make)


def optuna_tpe(samplers, seed):
    return samplers.TPESampler(seed=seed)


def optuna_random(samplers, seed):
    return samplers.RandomSampler(seed=seed)


SAMPLERS = {
    "optuna-tpe": optuna(optuna_tpe),
    "optuna-tpe-group": optuna(lambda samplers, seed: samplers.TPESampler(seed=seed, multivariate=True, group=True)),
    "optuna-tpe-independent": optuna(lambda samplers, seed: samplers.TPESampler(seed=seed, multivariate=False)),
    "optuna-random": optuna(optuna_random),
    "optuna-qmc": optuna(lambda samplers, seed: samplers.QMCSampler(seed=seed, scramble=True)),
    "optuna-cmaes": optuna(lambda samplers, seed: samplers.CmaEsSampler(seed=seed)),
    "optuna-gp": optuna(lambda samplers, seed: samplers.GPSampler(seed=seed)),
    "skopt-gp": (SkoptSearch, lambda problem, seed, n_trials: SkoptSearch(problem, seed, "GP")),
    "skopt-et": (SkoptSearch, lambda problem, seed, n_trials: SkoptSearch(problem, seed, "ET")),
    "smac": (SmacSearch, SmacSearch),
}


def version_of(sampler):
    return importlib.metadata.version(SAMPLERS[sampler][0].package)


def make_search(sampler, problem, seed, n_trials):
    return SAMPLERS[sampler][1](problem, seed, n_trials)
