"""Tables of surveys, trips and junction results for the sample's transport assessment.

All figures are invented by a generator with a fixed seed for each table. They give flows by the
hour, never by the day, and no widths, speeds or gradients: what the sample says about those is
planted on purpose (`planted.yaml`).
"""

import random
from collections.abc import Callable, Sequence

from planning_review.sample.prose import Table

Rows = list[tuple[str, ...]]

_HOURS = tuple(f"{hour:02d}:00-{hour + 1:02d}:00" for hour in range(7, 19))
_PROFILE = (0.45, 1.0, 0.55, 0.42, 0.44, 0.5, 0.49, 0.62, 0.86, 0.8, 0.83, 0.6)
_MODE_SHARES = (
    ("On foot", 0.21),
    ("Cycle", 0.04),
    ("Bus", 0.06),
    ("Car passenger", 0.22),
    ("Car driver", 0.47),
)
_DWELLINGS = 240
_JUNCTIONS: dict[str, tuple[str, tuple[str, ...], float]] = {
    "1": ("Site access", ("Ashmead Lane (N)", "Site access", "Ashmead Lane (S)"), 0.24),
    "2": ("Green Street", ("Ashmead Lane (N)", "Green Street", "Ashmead Lane (S)"), 0.46),
    "3": ("Mill Lane", ("Ashmead Lane (N)", "Ashmead Lane (S)", "Mill Lane"), 0.21),
    "4": ("A4998 roundabout", ("A4998 (W)", "Ashmead Lane", "A4998 (E)", "Gannet Park"), 0.63),
    "5": ("Castlebrook Road", ("A4998 (W)", "A4998 (E)", "Castlebrook Road"), 0.71),
    "6": ("Market Place", ("Castlebrook Road", "Market Place", "Wharf Street"), 0.58),
}
_SURVEYED = {"1": "2", "2": "3", "3": "4", "4": "5", "5": "6"}


def make_traffic_table(name: str, arguments: Sequence[str]) -> Table:
    """Return one table by its name; raises KeyError for a name that is not known."""
    return _MAKERS[name](random.Random(f"{name} {' '.join(arguments)}"), *arguments)  # noqa: S311


def _person_trips(_: random.Random) -> Table:
    rows: Rows = [
        ("Hour", "Arrivals per dwelling", "Departures per dwelling", "Arrivals", "Departures", "Total")
    ]
    for hour, arriving, leaving in _trips_by_hour():
        counts = [round(arriving * _DWELLINGS), round(leaving * _DWELLINGS)]
        rows.append((hour, f"{arriving:.3f}", f"{leaving:.3f}", *map(str, counts), str(sum(counts))))
    return Table("Table 5.1: Person trips by all modes, by hour", tuple(rows))


def _mode_trips(_: random.Random) -> Table:
    rows: Rows = [("Hour", *(mode for mode, _ in _MODE_SHARES), "Total")]
    for hour, arriving, leaving in _trips_by_hour():
        total = round(arriving * _DWELLINGS) + round(leaving * _DWELLINGS)
        trips = [round(total * share) for _, share in _MODE_SHARES]
        trips[-1] += total - sum(trips)
        rows.append((hour, *map(str, trips), str(total)))
    return Table("Table 5.2: Person trips by mode, by hour, both directions", tuple(rows))


def _trips_by_hour() -> list[tuple[str, float, float]]:
    return [
        (hour, round(0.78 * share * (0.2 + 0.05 * n), 3), round(0.78 * share * (0.8 - 0.05 * n), 3))
        for n, (hour, share) in enumerate(zip(_HOURS, _PROFILE, strict=True))
    ]


def _distribution(_: random.Random) -> Table:
    return Table(
        "Table 5.3: Distribution of vehicle trips",
        (
            ("Direction", "Work", "Education", "Shopping and leisure"),
            ("Castlebrook by the A4998", "41%", "28%", "52%"),
            ("East by the A4998", "33%", "4%", "18%"),
            ("Gannet Park", "14%", "1%", "2%"),
            ("Brackenford village", "10%", "66%", "26%"),
            ("Mill Lane", "2%", "1%", "2%"),
        ),
    )


def _link_flows(rng: random.Random) -> Table:
    rows: Rows = [("Link", "AM without", "AM with", "PM without", "PM with")]
    for link, base, added in (
        ("A4998 west of Ashmead Lane", 1180, 52),
        ("A4998 east of Ashmead Lane", 1060, 31),
        ("Ashmead Lane north of the site access", 244, 84),
        ("Ashmead Lane south of the site access", 208, 33),
        ("Green Street", 143, 17),
        ("Castlebrook Road", 612, 19),
    ):
        morning, evening = base + rng.randint(-20, 20), base + rng.randint(-35, 35)
        rows.append(
            (link, *map(str, (morning, morning + added, evening, evening + added - rng.randint(1, 5))))
        )
    return Table("Table 6.3: Two-way vehicles in the peak hours of 2033", tuple(rows))


def _results(rng: random.Random, junction: str) -> Table:
    name, arms, level = _JUNCTIONS[junction]
    caption = f"Table 7.{junction}: Junction {junction}, {name}: ratio of flow to capacity and mean queue"
    scenarios = (("2026 surveyed", 0.86), ("2033 without", 0.94), ("2033 with", 1.0))
    return Table(caption, _model_rows(rng, arms, level, scenarios if junction != "1" else scenarios[2:]))


def _model_2041(rng: random.Random, junction: str) -> Table:
    name, arms, level = _JUNCTIONS[junction]
    caption = f"Table C{junction}: Junction {junction}, {name}, in 2041"
    return Table(
        caption, _model_rows(rng, arms, level, (("Core", 1.04), ("High economy", 1.1), ("Behavioural", 0.97)))
    )


def _model_rows(
    rng: random.Random, arms: Sequence[str], level: float, scenarios: Sequence[tuple[str, float]]
) -> tuple[tuple[str, ...], ...]:
    rows: Rows = [("Scenario", "Arm", "AM ratio", "AM queue", "PM ratio", "PM queue")]
    lean = [rng.uniform(0.55, 1.0) for _ in arms]
    for scenario, factor in scenarios:
        for arm, share in zip(arms, lean, strict=True):
            ratios = [level * factor * share, level * factor * share * 0.96]
            cells = [cell for ratio in ratios for cell in (f"{ratio:.2f}", f"{ratio / (1 - ratio):.1f}")]
            rows.append((scenario, arm, *cells))
    return tuple(rows)


def _counts(rng: random.Random, number: str, period: str) -> Table:
    junction = _SURVEYED[number]
    name, arms, level = _JUNCTIONS[junction]
    rows: Rows = [("Quarter hour", "Movement", "Cars", "Vans", "Lorries", "Buses", "Cycles")]
    start = 8 if period == "am" else 17
    for quarter in range(4):
        for begin, end in ((a, b) for a in arms[:3] for b in arms[:3] if a != b):
            cars = round(level * rng.uniform(28, 92))
            rows.append(
                (
                    f"{start}:{quarter * 15:02d}",
                    f"{begin} to {end}",
                    *map(
                        str, (cars, cars // 6, rng.randint(0, 3), int(rng.random() < 0.3), rng.randint(0, 4))
                    ),
                )
            )
    label = "morning" if period == "am" else "evening"
    return Table(f"Table A{number} ({label}): {name}, turning counts of 9 June 2026", tuple(rows))


def _survey_sites(rng: random.Random) -> Table:
    rows: Rows = [("Site", "County", "Dwellings", "Day", "Month")]
    counties = ("Shropshire", "Norfolk", "Devon", "Essex", "Kent", "Suffolk", "Dorset")
    for number in range(1, 15):
        day, month = (
            rng.choice(("Tuesday", "Wednesday", "Thursday")),
            rng.choice(("May", "June", "September")),
        )
        year = rng.choice((2018, 2019, 2022, 2023, 2024))
        rows.append(
            (f"S-{number:02d}", rng.choice(counties), str(rng.randint(62, 320)), day, f"{month} {year}")
        )
    return Table("Table B1: Survey sites selected", tuple(rows))


def _rate_ranking(rng: random.Random) -> Table:
    rates = sorted((rng.uniform(0.61, 0.98) for _ in range(14)), reverse=True)
    rows: Rows = [
        ("Rank", "Site", "Person trips per dwelling, morning", "Person trips per dwelling, evening")
    ]
    for rank, (site, rate) in enumerate(zip(rng.sample(range(1, 15), 14), rates, strict=True), start=1):
        rows.append((str(rank), f"S-{site:02d}", f"{rate:.3f}", f"{rate * rng.uniform(0.8, 0.95):.3f}"))
    return Table("Table B2: Sites ranked by person trip rate", tuple(rows))


def _collisions(rng: random.Random) -> Table:
    places = ("Ashmead Lane", "Green Street", "A4998 roundabout", "Mill Lane", "Castlebrook Road")
    rows: Rows = [("Reference", "Month", "Place", "Severity", "Light", "Parties")]
    for number in range(1, 12):
        month = f"{rng.randint(1, 12):02d}/{rng.randint(2021, 2025)}"
        severity = "Serious" if number == 7 else "Slight"
        parties = rng.choice(("two cars", "one car", "car and van", "car and motorcycle"))
        rows.append(
            (f"C{number:02d}", month, rng.choice(places), severity, rng.choice(("Day", "Dark")), parties)
        )
    return Table("Table D1: Personal injury collisions, January 2021 to December 2025", tuple(rows))


_MAKERS: dict[str, Callable[..., Table]] = {
    "person_trips": _person_trips,
    "mode_trips": _mode_trips,
    "distribution": _distribution,
    "link_flows": _link_flows,
    "results": _results,
    "model_2041": _model_2041,
    "counts": _counts,
    "survey_sites": _survey_sites,
    "rate_ranking": _rate_ranking,
    "collisions": _collisions,
}
