# Who used which connector, straight from the raw protocol logs: mawk -f log_usage.awk FILE...
#
# Give all files of a folder to one process, in order, so that sessions go on from file to file.
# Prints "U" lines with the counts of each client, and "D" and "N" lines with its days and EHLO
# names, so that the output of several processes can be put together. It knows what log_usage.sql
# knows about the generated logs.

BEGIN {
    FS = ","
    SUBSEP = ","
    OWN = "@((sales\\.)?northwind|[a-z.]+\\.subsidiary)\\.example>"
}

FNR < 6 {
    if (FNR == 1) {
        folder = FILENAME
        sub(/[^\/]*$/, "", folder)
        if (!(folder in chains)) chains[folder] = ++many ":"
        chain = chains[folder]
        current = ""
        sends = folder ~ /SmtpSend\/$/
        role = folder ~ /\/FrontEnd\// ? "frontend" : folder ~ /\/Hub\// ? "hub" : ""
        start = (sends ? "send" : "receive") "," role ","
        command = sends ? ">" : "<"
        reply = sends ? "<" : ">"
    }
    if ($0 ~ /^(\357\273\277)?#/) next
}

{
    if ($3 != current) {
        if (id) last[id] = time
        current = $3
        id = chain $3
        if (!(id in first)) begin()
    }
    time = $1
    if ($7 == reply) {
        code = substr($8, 1, 5)
        if (code == "250 2") {
            if (substr($8, 5, 5) == "2.1.5") {
                if (substr(queue[id], 1, 1) == "1") own[id]++
                else other[id]++
                queue[id] = substr(queue[id], 2)
            } else if (index($8, "ueued")) messages[id]++
        } else if (code == "\"250 ") {
            if (index($0, "ueued")) messages[id]++
        } else if (code == "550 5" || code == "\"550 ") {
            refused[id]++
            queue[id] = substr(queue[id], 2)
        } else if (code == "220 2") tls[id] = 1
        else if (code == "535 5") failures[id]++
    } else if ($7 == command) {
        code = substr($8, 1, 5)
        if (code == "RCPT " || code == "\"RCPT") queue[id] = queue[id] (tolower($0) ~ OWN)
        else if (code ~ /^"?[EHeh]/) hello(toupper(code))
    }
}

# The first row of a session.
function begin(    client, server) {
    first[id] = $1
    client = $6
    sub(/:[0-9]+$/, "", client)
    if (client ~ /^\[/) {
        sub(/^\[/, "", client)
        sub(/(%[^\]]*)?\]$/, "", client)
    }
    server = sends ? "" : substr($2, 1, index($2, "\\") - 1)
    key[id] = start server "," $2 "," client
}

# EHLO or HELO.
function hello(verb,    text) {
    if (verb == "EHLO " || verb == "HELO ") names[id, $8]
    else if (verb == "\"EHLO" || verb == "\"HELO") {
        text = $0
        sub(/^[^"]*"/, "", text)
        names[id, text]
    }
}

END {
    if (id) last[id] = time
    for (id in first) {
        k = key[id]
        all_sessions[k]++
        all_messages[k] += messages[id]
        all_own[k] += own[id]
        all_other[k] += other[id]
        all_refused[k] += refused[id]
        all_failures[k] += failures[id]
        all_tls[k] += tls[id]
        if (!(k in earliest) || first[id] < earliest[k]) earliest[k] = first[id]
        if (last[id] > latest[k]) latest[k] = last[id]
        day[k, substr(first[id], 1, 10)]
    }
    for (k in all_sessions) {
        print "U," k "," all_sessions[k] "," all_messages[k] "," all_own[k] "," all_other[k] "," \
            all_refused[k] "," all_failures[k] "," all_tls[k] "," earliest[k] "," latest[k]
    }
    for (k in day) print "D," k
    for (one in names) {
        at = index(one, ",")
        named[key[substr(one, 1, at - 1)], substr(one, at + 6)]
    }
    for (k in named) print "N," k
}
