"""Open a payload as a whole (JSON, XML or CSV), or say as `Malformed` what came instead."""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Buffer, Callable, Collection, Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
import msgspec
import orjson
from defusedxml.common import DefusedXmlException

from etl.errors import Malformed
from etl.feed import Item, Reject, Row
from etl.reading import each, raw_text
