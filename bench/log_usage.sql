-- Who used which connector, straight from the raw protocol logs, in DuckDB.
--
-- $files is a pattern. The fastest of several forms that give the right answer for the generated
-- logs. It knows more than a reader of any logs may assume: each file has exactly five header lines,
-- lines end with CR LF, the reply to RCPT is 250 2.1.5 or 550 5.x.x and no other reply is,
-- 535 answers AUTH, 220 2.0.0 answers STARTTLS, and "ueued" stands only where a whole message was
-- accepted. Latin 1, because some clients send bytes that are no UTF-8, and DuckDB would drop these
-- rows or refuse the file; so EHLO names are only counted. Replies are paired with their RCPT by
-- their order within the session.
WITH marked AS (
    SELECT filename, session, connector, remote, time, sequence, data,
           CASE
               WHEN event = '>' AND filename LIKE '%/RECV%' OR event = '<' AND filename LIKE '%/SEND%'
               THEN CASE
                   WHEN starts_with(data, '250 2.1.5') THEN 4
                   WHEN starts_with(data, '250 2.') AND contains(data, 'ueued') THEN 6
                   WHEN starts_with(data, '550 5') THEN 5
                   WHEN starts_with(data, '220 2.0.0') THEN 7
                   WHEN starts_with(data, '535') THEN 8
               END
               WHEN event IN ('<', '>')
               THEN CASE
                   WHEN starts_with(data, 'RCPT ') THEN CASE
                       WHEN regexp_matches(
                           data, '(?i)@((sales\.)?northwind|[a-z.]+\.subsidiary)\.example>'
                       ) THEN 1
                       ELSE 2
                   END
                   WHEN upper(data[:5]) IN ('EHLO ', 'HELO ') THEN 3
               END
           END AS kind
    FROM read_csv(
        $files, auto_detect = false, header = false, skip = 5, filename = true,
        delim = ',', quote = '"', escape = '"', new_line = '\r\n', encoding = 'latin-1',
        columns = {
            'time': 'TIMESTAMP', 'connector': 'VARCHAR', 'session': 'VARCHAR',
            'sequence': 'UINTEGER', 'local': 'VARCHAR', 'remote': 'VARCHAR', 'event': 'VARCHAR',
            'data': 'VARCHAR', 'context': 'VARCHAR'
        }
    )
),
sessions AS (
    SELECT parse_dirpath(filename) AS folder,
           any_value(connector) AS connector,
           any_value(remote) AS remote,
           min(time) AS first_seen,
           max(time) AS last_seen,
           list(sequence * 8 + kind) FILTER (WHERE kind IN (1, 2)) AS recipients,
           list(sequence * 8 + kind) FILTER (WHERE kind IN (4, 5)) AS answers,
           list(data[6:]) FILTER (WHERE kind = 3) AS ehlo_names,
           count_if(kind = 6) AS messages,
           count_if(kind = 7) AS tls,
           count_if(kind = 8) AS failures
    FROM marked
    GROUP BY folder, session
),
paired AS (
    SELECT * EXCLUDE (recipients, answers),
           list_transform(
               list_zip(list_sort(recipients), list_sort(answers)),
               lambda pair: (pair[1] & 7) * 8 + (pair[2] & 7)
           ) AS pairs
    FROM sessions
)
SELECT CASE WHEN folder LIKE '%SmtpSend' THEN 'send' ELSE 'receive' END AS log,
       CASE
           WHEN folder LIKE '%/FrontEnd/%' THEN 'frontend'
           WHEN folder LIKE '%/Hub/%' THEN 'hub'
       END AS role,
       CASE WHEN folder NOT LIKE '%SmtpSend' THEN split_part(coalesce(connector, ''), '\', 1) END AS server,
       coalesce(connector, '') AS connector,
       regexp_extract(remote, '^\[?([^\]%]*)[^:]*:\d+$', 1) AS client,
       count(*) AS sessions,
       coalesce(sum(messages), 0)::BIGINT AS messages,
       coalesce(sum(len(list_filter(pairs, lambda pair: pair = 12))), 0)::BIGINT AS own,
       coalesce(sum(len(list_filter(pairs, lambda pair: pair = 20))), 0)::BIGINT AS other,
       coalesce(sum(len(list_filter(pairs, lambda pair: pair & 7 = 5))), 0)::BIGINT AS refused,
       coalesce(sum(failures), 0)::BIGINT AS failures,
       count(*) FILTER (WHERE tls > 0) AS tls,
       strftime(min(first_seen), '%Y-%m-%dT%H:%M:%S.%gZ') AS first_seen,
       strftime(max(last_seen), '%Y-%m-%dT%H:%M:%S.%gZ') AS last_seen,
       count(DISTINCT first_seen::DATE) AS days,
       coalesce(len(list_distinct(flatten(list(ehlo_names)))), 0) AS ehlo_names
FROM paired
GROUP BY ALL
