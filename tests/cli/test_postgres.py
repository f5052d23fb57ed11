"""hone with a study in PostgreSQL: drivers that share it, and a password that is seen nowhere."""

import os
import subprocess
import tempfile

import hone_test
import postgres

PASSWORD = "geheim:/@?#%&x"
QUOTED = "geheim%3A%2F%40%3F%23%25%26x"


def secret_free(text):
    assert "geheim" not in text, text
    return text


def password_is_nowhere(server, folder):
    url = server.database(loopback=True)
    assert QUOTED in url, url
    study = os.path.join(folder, "study.yaml")
    go = os.path.join(folder, "go")
    os.mkfifo(go)
    with open(study, "w", encoding="utf-8") as file:
        file.write(f"study: s\nstorage: {url}\ngoal: minimize loss\nsearch: {{sampler: random, seed: 1}}\n"
                   f"space: {{x: {{float: [0, 1]}}}}\ncommand: [sh, -c, 'read line <{go}; echo loss=1']\n")
    # The program waits for us in its trial: its arguments are looked at while it surely runs.
    running = subprocess.Popen([hone_test.PROGRAM, "tune", study, "--storage", url, "-n", "1"], cwd=folder,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
    with open(go, "w", encoding="utf-8") as file:  # opens when the trial has opened it
        with open(f"/proc/{running.pid}/cmdline", encoding="utf-8") as line:
            shown = secret_free(line.read())
        assert "hone:***@127.0.0.1" in shown, shown
        file.write("go\n")
    secret_free(running.communicate(timeout=240)[0])
    assert running.returncode == 0
    assert server.psql("SELECT count(*) FROM trials WHERE state = 'COMPLETE'", url.rsplit("/", 1)[1]) == ["1"]

    secret_free(server.dump(url.rsplit("/", 1)[1]))  # the definition is there, with ***
    for arguments in (["doctor", url], ["study", "list", url], ["best", url], ["study", "show", url],
                      ["study", "export", "s", "--storage", url], ["report", "s", "--storage", url, "-o", "-"],
                      ["report", url], ["study", "create", "s2", "--storage", url, "-g",
                                                                   "minimize a", "-p", "x: {float: [0, 1]}"],
                      ["best", url]):
        done = hone_test.hone(*arguments, cwd=folder)
        secret_free(done.stdout + done.stderr)
    for wrong in (url + "?nothing", url.replace("hone:", "nobody:"), url + "?durability=x", url + "x",
                  url.replace(str(server.port), "1"), url.replace("postgresql", "mysql")):
        done = hone_test.hone("best", wrong, cwd=folder)
        assert done.returncode not in (0, -6, -11), (wrong, done)
        secret_free(done.stdout + done.stderr)
    for path, _, names in os.walk(folder):
        for name in set(names) - {"study.yaml", "go"}:
            with open(os.path.join(path, name), errors="replace", encoding="utf-8") as file:
                secret_free(file.read())
    learner = os.path.join(folder, "learner.yaml")
    with open(learner, "w", encoding="utf-8") as file:
        file.write("study: s3\nstorage: 'memory:'\ngoal: minimize a\nspace: {x: {float: [0, 1]}}\n"
                   f"search: {{learn_from: [{{study: s, storage: '{url}'}}]}}\n")
    hone_test.refuse("tune", learner, "-n", "1", "--", "true", code=2, says=["hone:***@", "PGPASSWORD"])


def errors_say_what_to_do(server):
    url = server.database(loopback=True)
    hone_test.refuse("best", url + "x", code=3, says="createdb")
    hone_test.refuse("best", url, code=3, says="is empty")
    hone_test.refuse("best", url.replace(QUOTED, "wrong"), code=4, says="PGPASSWORD")
    hone_test.refuse("best", "postgresql:///db?host=/no/such/folder", code=4, says=["is the server up", "timeout"])
    name = url.rsplit("/", 1)[1]
    server.psql("CREATE TABLE studies (a int)", name)
    hone_test.refuse("study", "create", "s", "--storage", url, "-g", "minimize a", "-p", "x: {float: [0, 1]}", code=4,
                     says=["not Optuna's", "search_path"])


def drivers_share_a_study(server, folder):
    """Two drivers of one study, thirty trials in all."""
    url = server.database(loopback=True)
    command = [hone_test.PROGRAM, "tune", "--storage", url, "--study", "s", "-g", "minimize loss", "--sampler", "random",
               "-p", "x: {float: [0, 1]}", "-n", "30", "-j", "2", "--quiet", "--", "sh", "-c", "echo loss={x}"]
    drivers = [subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                stdin=subprocess.DEVNULL) for _ in range(2)]
    for driver in drivers:
        out = driver.communicate(timeout=240)[0]
        assert driver.returncode == 0, out
    rows = server.psql("SELECT count(*), count(DISTINCT number), min(number), max(number) + 1,"
                       " count(*) FILTER (WHERE state = 'COMPLETE') FROM trials", url.rsplit("/", 1)[1])[0].split("|")
    assert rows[0] == rows[1] == rows[3] == rows[4] and rows[2] == "0" and int(rows[0]) >= 30, rows


def main():
    with postgres.Server(loopback=True, password=PASSWORD) as server, tempfile.TemporaryDirectory() as folder:
        password_is_nowhere(server, folder)
        errors_say_what_to_do(server)
        drivers_share_a_study(server, folder)


main()
