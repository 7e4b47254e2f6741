"""Made-up SMTP protocol logs of a made-up organisation, and the truth about them.

``rctango.demo.write.write`` writes a folder: exports, logs of four servers, and ``truth.json`` with
what the logs hold, counted while they were made and never by reading them. The same plan gives the
same bytes on every machine.
"""
