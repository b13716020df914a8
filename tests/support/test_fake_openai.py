from __future__ import annotations

import json
import subprocess
import sys

from functions.models import LessonBrief, TextRequest
from functions.models.openai import OpenAIModel
from tests.support.fake_openai import lesson_text


def test_the_server_runs_as_a_process_and_answers_a_lesson() -> None:
    brief = LessonBrief("Course", "en", "", 1, "Module", 1, "Soil", "", (), (), "", 300)
    request = TextRequest("", "Lesson title: Soil\nWrite about 300 words.", 1060, brief)
    command = [sys.executable, "-m", "tests.support.fake_openai", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = json.loads(process.stdout.readline())["url"]
        try:
            assert OpenAIModel(url, "fake").write(request, 30).text == lesson_text("Soil", 300)
        finally:
            process.terminate()
