# SPDX-License-Identifier: GPL-2.0-only
# Copyright (c) 2026 The wfl authors
"""The report is one file that a browser opens without a network, and whose curves react."""

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Iterator

import pytest
from synthetic import learning_curve, rounds_frame, workers_frame, write_run

from wfl_analysis import __main__ as command_line
from wfl_analysis import report
from wfl_analysis.errors import UserError
from wfl_analysis.results import Run, load_runs

LABELS = ("signSGD", 'S3GD </script> & "1 %"')
TITLE = "Two <runs>"


def make_runs(tmp_path: Path) -> list[Run]:
    folders = []
    for index, label in enumerate(LABELS):
        rounds = rounds_frame(learning_curve(40, index), scale=1 + index)
        folder = write_run(tmp_path / f"run-{index}", rounds, label=label, workers=2 + index)
        workers = workers_frame(rounds)
        workers["battery_j"] = 5.0
        workers["compute_end_s"] = workers["uplink_start_s"] = 0.2
        workers.to_csv(folder / "workers.csv", index=False)
        folders.append(folder)
    return load_runs(folders)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    if not report.DYGRAPHS.exists():
        pytest.skip("libjs-dygraphs is not installed")
    return report.write_report(make_runs(tmp_path), 0.8, TITLE, tmp_path / "out" / "report.html")


def data_of(page: Path) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text())
    assert found
    return json.loads(found.group(1))


class References(HTMLParser):
    """Collects what a page would load, and the names in it."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, Any]]) -> None:
        for name, value in attributes:
            if name in ("src", "href", "xlink:href", "data", "action") and tag != "a":
                self.loads.append(value)
            if name == "id":
                self.ids.append(value)


def test_it_loads_nothing(page: Path) -> None:
    references = References()
    references.feed(page.read_text(encoding="utf-8"))
    assert all(value.startswith(("#", "data:")) for value in references.loads)
    assert len(set(references.ids)) == len(references.ids), "names stand for one thing each"
    targets = {value[1:] for value in references.loads if value.startswith("#")}
    assert targets <= set(references.ids)
    assert "@import" not in page.read_text()
    assert "sourceMappingURL" not in page.read_text()


def test_what_it_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "<title>Two &lt;runs&gt;</title>" in text
    assert "S3GD &lt;/script&gt; &amp; &quot;1 %&quot;" in text
    assert "2 runs" in text
    sections = re.findall(r"<section id='?\"?([a-z]+)", text)
    # Without --timeline there is no timeline.
    assert sections == ["cost", "curves", "breakdown", "shares", "outcomes", "battery",
                        "configuration"]
    assert "What differs" in text


def test_the_curves_are_those_of_the_runs(page: Path, tmp_path: Path) -> None:
    data = data_of(page)
    assert [axis["name"] for axis in data["axes"]] == [
        "time", "energy", "payload", "on-air", "airtime", "round"
    ]
    assert [run["label"] for run in data["runs"]] == list(LABELS)
    first = load_runs([tmp_path / "run-0"])[0]
    curve = data["runs"][0]
    assert curve["costs"]["round"] == list(range(1, 41))
    assert curve["costs"]["time"] == pytest.approx(list(first.rounds["time_s"]))
    accuracy = curve["measures"]["accuracy"]
    assert accuracy["values"] == pytest.approx(list(100 * first.rounds["test_accuracy"]))
    assert accuracy["medians"][:4] == [None] * 4
    assert data["measures"][0]["target"] == 80


def test_long_runs_are_thinned_and_it_says_so(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "long", rounds_frame([0.5] * 4000), label="long")
    output = report.write_report(load_runs([folder]), 0.8, "x", tmp_path / "long.html")
    assert len(data_of(output)["runs"][0]["costs"]["time"]) <= report.POINTS
    assert "of long one in 3" in output.read_text()


def test_the_same_runs_give_the_same_page(page: Path, tmp_path: Path) -> None:
    runs = load_runs([tmp_path / "run-0", tmp_path / "run-1"])
    again = report.write_report(runs, 0.8, TITLE, tmp_path / "again.html")
    assert again.read_bytes() == page.read_bytes()


def test_command_line(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = tmp_path / "mine.html"
    folders = [str(tmp_path / "run-0"), str(tmp_path / "run-1")]
    command = ["report", *folders, "--title", TITLE, "--output", str(output)]
    assert command_line.main(command) == 0
    assert capsys.readouterr().out.strip() == str(output)
    assert output.read_bytes() == page.read_bytes()
    assert command_line.main([*command[:-1], str(tmp_path)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_nothing_to_report(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", rounds_frame([None] * 3))
    with pytest.raises(UserError, match="no run made an evaluation"):
        report.write_report(load_runs([folder]), 0.8, "x", tmp_path / "x.html")


# In a browser


@pytest.fixture
def browser(page: Path) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="python3-selenium is missing")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium or chromium-driver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1200,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    service = pytest.importorskip("selenium.webdriver.chrome.service").Service(driver)
    chrome = webdriver.Chrome(service=service, options=options)
    try:
        chrome.set_page_load_timeout(60)
        chrome.get(page.as_uri())
        yield chrome
    finally:
        chrome.quit()


def pixels(browser: Any, chart: int = 0) -> str:
    """Give what a chart shows."""
    canvas = "document.querySelectorAll('.chart')[arguments[0]].querySelectorAll('canvas')"
    return browser.execute_script(
        f"return [...{canvas}].map(canvas => canvas.toDataURL()).join()", chart
    )


def state(browser: Any, expression: str) -> Any:
    return browser.execute_script(f"const chart = wflCharts[0].chart; return {expression}")


def test_the_page_in_a_browser(browser: Any) -> None:
    assert browser.title == TITLE
    assert browser.get_log("browser") == [], "no errors, no warnings"
    loaded = browser.execute_script(
        "return performance.getEntriesByType('resource').map(entry => entry.name)"
    )
    assert [name for name in loaded if not name.startswith("data:")] == []
    assert browser.execute_script("return wflCharts.length") == 2
    boxes = browser.execute_script(
        "return [...document.querySelectorAll('.chart')].map(c => {"
        "const p = c.getBoundingClientRect();"
        "const i = c.querySelector('canvas').getBoundingClientRect();"
        "return [p.left, p.right, i.left, i.right]})"
    )
    for left, right, drawn_left, drawn_right in boxes:
        assert left - 1 <= drawn_left < drawn_right <= right + 1
    assert boxes[0][1] <= boxes[1][0], "side by side"
    wide = browser.execute_script(
        "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )
    assert wide, "nothing hangs over the edge"


def test_the_switch_changes_the_curves(browser: Any) -> None:
    seen = {pixels(browser)}
    ends = {"time": 40, "energy": 160, "payload": 96, "airtime": 17.6, "round": 40}
    for axis in browser.find_elements("css selector", "#axes button"):
        axis.click()
        assert axis.get_attribute("aria-pressed") == "true"
        pressed = browser.find_elements("css selector", "#axes button[aria-pressed=true]")
        assert len(pressed) == 1
        seen.add(pixels(browser))
        name = axis.get_attribute("data-axis")
        if name in ends:
            assert state(browser, "chart.xAxisExtremes()[1]") == pytest.approx(ends[name])
    # The view that was there at first is one of the six.
    assert len(seen) == 6
    assert browser.get_log("browser") == []


def test_runs_can_be_hidden(browser: Any) -> None:
    before = pixels(browser)
    button = browser.find_elements("css selector", "#runs button")[1]
    button.click()
    assert button.get_attribute("aria-pressed") == "false"
    hidden = pixels(browser)
    assert hidden != before
    assert state(browser, "chart.visibility()") == [True, True, False, False]
    button.click()
    assert state(browser, "chart.visibility()") == [True] * 4


def test_zoom_and_back(browser: Any) -> None:
    actions = pytest.importorskip("selenium.webdriver").ActionChains
    whole = state(browser, "chart.xAxisRange()")
    chart = browser.find_element("css selector", ".chart")
    actions(browser).move_to_element(chart).click_and_hold().move_by_offset(80, 0).release().perform()
    zoomed = state(browser, "chart.xAxisRange()")
    assert whole[0] < zoomed[0] < zoomed[1] < whole[1]
    actions(browser).move_to_element(chart).double_click().perform()
    assert state(browser, "chart.xAxisRange()") == pytest.approx(whole)


def test_boxes(browser: Any) -> None:
    seen = {pixels(browser)}
    for name in ("single", "logarithmic"):
        browser.find_element("id", name).click()
        seen.add(pixels(browser))
    assert len(seen) == 3
    assert state(browser, "chart.getOptionForAxis('logscale', 'x')") is True
    assert browser.get_log("browser") == []


def test_values_under_the_pointer(browser: Any) -> None:
    actions = pytest.importorskip("selenium.webdriver").ActionChains
    chart = browser.find_element("css selector", ".chart")
    actions(browser).move_to_element(chart).perform()
    outputs = browser.find_elements("css selector", "#runs output")
    assert any(re.fullmatch(r"[\d.]+ %", output.text) for output in outputs)
