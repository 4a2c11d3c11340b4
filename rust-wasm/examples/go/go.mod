module adults

go 1.24
