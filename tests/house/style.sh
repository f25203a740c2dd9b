#!/bin/sh
exec lua5.4 "${GYM_SOURCE_TOP:-.}/tests/house/style.lua"
